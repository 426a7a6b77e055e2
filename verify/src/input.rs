//! Lines of a log from files, parsed by as many threads as the machine has cores.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Mutex, PoisonError, mpsc};

use super::log::{Lines, Log};

/// How much text one thread takes at once.
const BLOCK: usize = 1 << 20;
/// The longest line: a batch in one OTLP request is the longest that a sink sends.
const MAX_LINE_BYTES: usize = 64 << 20;

/// Adds every line of `source` to the log. Bytes that are no UTF-8 are replaced, so that their line is reported and not the end
/// of reading.
pub fn read(source: impl Read + Send, log: &mut Log) -> io::Result<()> {
    read_with(source, log, |_| (), |()| ())
}

/// The same for a caller that also wants to know what is in the events: `of` reads it from the canonical JSON of each event that
/// is what its hash was made of and that a server writes at its place, on any thread. `take` gets it on this thread, once for
/// each such event however often the log has it. So the number of events that `take` did not get is that of [`Report::events`]
/// less its calls.
///
/// [`Report::events`]: crate::Report::events
pub fn read_with<T: Send>(
    source: impl Read + Send,
    log: &mut Log,
    of: impl Fn(&str) -> T + Sync,
    mut take: impl FnMut(T),
) -> io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (to_parse, blocks) = mpsc::sync_channel::<Vec<u8>>(threads);
    let blocks = Mutex::new(blocks);
    let (parsed, lines) = mpsc::sync_channel::<Lines<T>>(threads);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            cut(BufReader::with_capacity(BLOCK, source), |block| {
                // No thread parses any more only if one has panicked, which the scope reports.
                let _ = to_parse.send(block);
            })
        });
        for _ in 0..threads {
            let (blocks, parsed, of) = (&blocks, parsed.clone(), &of);
            scope.spawn(move || {
                loop {
                    let block = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(block) = block else {
                        return;
                    };
                    let lines = Lines::read_with(&String::from_utf8_lossy(&block), of);
                    if parsed.send(lines).is_err() {
                        return;
                    }
                }
            });
        }
        drop(parsed);
        for lines in lines {
            log.add_with(lines, &mut take);
        }
        match reading.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Cuts a source into blocks of whole lines.
fn cut(mut source: impl BufRead, mut take: impl FnMut(Vec<u8>)) -> io::Result<()> {
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            if !block.is_empty() {
                take(block);
            }
            return Ok(());
        }
        let used = buffer.len();
        let end = buffer.iter().rposition(|byte| *byte == b'\n');
        let (whole, rest) = match end.and_then(|end| buffer.split_at_checked(end.saturating_add(1)))
        {
            Some((whole, rest)) => (Some(whole), rest),
            None => (None, buffer),
        };
        if let Some(whole) = whole {
            block.extend_from_slice(whole);
            take(std::mem::replace(&mut block, Vec::with_capacity(BLOCK)));
        }
        block.extend_from_slice(rest);
        if block.len() > MAX_LINE_BYTES {
            return Err(io::Error::other(format!(
                "a line is longer than {MAX_LINE_BYTES} bytes; each event must be a line of its own"
            )));
        }
        source.consume(used);
    }
}
