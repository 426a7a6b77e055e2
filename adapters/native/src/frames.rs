//! Where frames of HTTP/2 begin and end (RFC 9113, 4.1), read along while the HTTP library reads them.

/// The bytes of a frame before its payload.
const HEADER: usize = 9;
const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const PUSH_PROMISE: u8 = 0x5;
const CONTINUATION: u8 = 0x9;
const END_HEADERS: u8 = 0x4;

/// Follows the frames that a client sends. It keeps no byte of them but an unfinished frame header.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    header: [u8; HEADER],
    /// How many bytes of the next frame's header have arrived.
    arrived: usize,
    kind: u8,
    /// How much of the frame's payload has not arrived.
    missing: usize,
    /// Whether a field section has begun and not ended (RFC 9113, 4.3).
    is_section_open: bool,
}

/// What a client has begun and not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfinished {
    Nothing,
    /// A frame that is part of a request body.
    Data,
    /// Any other frame, or the headers of a request.
    Frame,
}

impl Frames {
    /// Reads on. Gives whether a frame, or a field section of several frames, ended in `bytes`.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) -> bool {
        let mut ended = false;
        while !bytes.is_empty() {
            if self.missing == 0 {
                let taken = self.read_header(bytes);
                bytes = bytes.get(taken..).unwrap_or_default();
                if self.arrived < HEADER {
                    break;
                }
                self.arrived = 0;
                self.begin();
            } else {
                let taken = self.missing.min(bytes.len());
                bytes = bytes.get(taken..).unwrap_or_default();
                self.missing = self.missing.saturating_sub(taken);
            }
            ended |= self.missing == 0 && !self.is_section_open;
        }
        ended
    }

    pub(crate) fn unfinished(&self) -> Unfinished {
        if self.is_section_open || self.arrived > 0 {
            Unfinished::Frame
        } else if self.missing == 0 {
            Unfinished::Nothing
        } else if self.kind == DATA {
            Unfinished::Data
        } else {
            Unfinished::Frame
        }
    }

    fn read_header(&mut self, bytes: &[u8]) -> usize {
        let rest = self.header.iter_mut().skip(self.arrived);
        let mut taken = 0_usize;
        for (to, from) in rest.zip(bytes) {
            *to = *from;
            taken = taken.saturating_add(1);
        }
        self.arrived = self.arrived.saturating_add(taken);
        taken
    }

    fn begin(&mut self) {
        let [high, middle, low, kind, flags, ..] = self.header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        self.missing = usize::try_from(length).unwrap_or(usize::MAX);
        self.kind = kind;
        if matches!(kind, HEADERS | PUSH_PROMISE | CONTINUATION) {
            self.is_section_open = flags & END_HEADERS == 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: u8 = 0x4;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut frame = length.get(1..).unwrap().to_vec();
        frame.extend([kind, flags, 0, 0, 0, 1]);
        frame.resize(frame.len() + payload, 0);
        frame
    }

    fn after(bytes: &[u8]) -> Unfinished {
        let mut frames = Frames::default();
        frames.read(bytes);
        // However the bytes are cut, they are the same frames.
        let mut one_by_one = Frames::default();
        for byte in bytes {
            one_by_one.read(std::slice::from_ref(byte));
        }
        assert_eq!(frames.unfinished(), one_by_one.unfinished());
        frames.unfinished()
    }

    #[test]
    fn tells_a_part_of_a_frame_from_whole_ones() {
        let whole = [frame(SETTINGS, 0, 12), frame(SETTINGS, 1, 0)].concat();
        for length in 0..=whole.len() {
            let expected = match length {
                0 | 21 | 30 => Unfinished::Nothing,
                _ => Unfinished::Frame,
            };
            assert_eq!(after(whole.get(..length).unwrap()), expected, "{length}");
        }
    }

    #[test]
    fn headers_end_with_their_last_frame() {
        let mut bytes = frame(HEADERS, 0, 20);
        assert_eq!(after(&bytes), Unfinished::Frame);
        bytes.extend(frame(CONTINUATION, 0, 0));
        assert_eq!(after(&bytes), Unfinished::Frame);
        bytes.extend(frame(CONTINUATION, END_HEADERS, 5));
        assert_eq!(after(&bytes), Unfinished::Nothing);
    }

    #[test]
    fn a_part_of_a_body_is_not_part_of_a_head() {
        let bytes = frame(DATA, 0, 100);
        assert_eq!(after(bytes.get(..50).unwrap()), Unfinished::Data);
        assert_eq!(after(bytes.get(..5).unwrap()), Unfinished::Frame);
    }

    #[test]
    fn says_when_something_ended() {
        let mut frames = Frames::default();
        assert!(!frames.read(frame(HEADERS, 0, 3).as_slice()));
        assert!(!frames.read(frame(CONTINUATION, 0, 3).as_slice()));
        assert!(frames.read(frame(CONTINUATION, END_HEADERS, 0).as_slice()));
        let data = frame(DATA, 0, 10);
        assert!(!frames.read(data.get(..12).unwrap()));
        assert!(frames.read(data.get(12..).unwrap()));
    }
}
