//! Text that fits a simple regular expression.

use std::iter::Peekable;
use std::str::Chars;

use super::random::Random;

/// The maximum number of repetitions without an upper limit in the pattern.
const MAX_REPEAT: usize = 4;

/// Text for `pattern`, or `None` for what this does not know: assertions, back references, Unicode properties. The caller checks
/// that the text fits.
pub(crate) fn text(pattern: &str, random: &mut Random) -> Option<String> {
    let mut reader = Reader {
        chars: pattern.chars().peekable(),
        random,
    };
    let text = reader.alternatives()?;
    reader.chars.next().is_none().then_some(text)
}

struct Reader<'p, 'r> {
    chars: Peekable<Chars<'p>>,
    random: &'r mut Random,
}

impl Reader<'_, '_> {
    fn alternatives(&mut self) -> Option<String> {
        let mut all = vec![self.sequence()?];
        while self.chars.next_if_eq(&'|').is_some() {
            all.push(self.sequence()?);
        }
        self.random.pick(&all).cloned()
    }

    fn sequence(&mut self) -> Option<String> {
        let mut out = String::new();
        while let Some(&char) = self.chars.peek() {
            if matches!(char, '|' | ')') {
                break;
            }
            self.chars.next();
            let start = self.chars.clone();
            let piece = self.piece(char)?;
            let Some((low, high)) = self.quantifier()? else {
                out.push_str(&piece);
                continue;
            };
            let end = self.chars.clone();
            for _ in 0..self.random.between(low, high) {
                // Each repetition is of its own.
                self.chars = start.clone();
                out.push_str(&self.piece(char)?);
            }
            self.chars = end;
        }
        Some(out)
    }

    fn piece(&mut self, char: char) -> Option<String> {
        match char {
            '^' | '$' => Some(String::new()),
            '.' => Some("d".to_owned()),
            '(' => {
                if self.chars.next_if_eq(&'?').is_some() {
                    self.chars.next_if_eq(&':')?;
                }
                let text = self.alternatives()?;
                self.chars.next_if_eq(&')')?;
                Some(text)
            }
            '[' => self.class(),
            '\\' => {
                let escaped = self.chars.next()?;
                let set = escape(escaped)?;
                self.random.pick(&set).map(char::to_string)
            }
            '*' | '+' | '?' | '{' => None,
            char => Some(char.to_string()),
        }
    }

    fn class(&mut self) -> Option<String> {
        let is_negated = self.chars.next_if_eq(&'^').is_some();
        let mut set: Vec<char> = Vec::new();
        loop {
            let char = match self.chars.next()? {
                ']' => break,
                '\\' => {
                    let escaped = self.chars.next()?;
                    let known = escape(escaped)?;
                    if let [one] = known.as_slice() {
                        *one
                    } else {
                        set.extend(known);
                        continue;
                    }
                }
                char => char,
            };
            let mut ahead = self.chars.clone();
            let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|end| end != ']');
            if is_range {
                self.chars.next();
                let end = match self.chars.next()? {
                    '\\' => self.chars.next()?,
                    end => end,
                };
                set.extend((char..=end).take(128));
            } else {
                set.push(char);
            }
        }
        if is_negated {
            set = ('a'..='z').filter(|char| !set.contains(char)).collect();
        }
        self.random.pick(&set).map(char::to_string)
    }

    /// The limits of the number of repetitions; `Some(None)` without a quantifier.
    #[allow(clippy::option_option)]
    fn quantifier(&mut self) -> Option<Option<(usize, usize)>> {
        let limits = match self.chars.peek() {
            Some('*') => (0, MAX_REPEAT),
            Some('+') => (1, MAX_REPEAT),
            Some('?') => (0, 1),
            Some('{') => {
                let inner: String = self
                    .chars
                    .clone()
                    .skip(1)
                    .take_while(|c| *c != '}')
                    .collect();
                self.chars.nth(inner.chars().count())?;
                let (low, high) = inner.split_once(',').unwrap_or((&inner, &inner));
                let low: usize = low.trim().parse().ok()?;
                let high = match high.trim() {
                    "" => low + MAX_REPEAT,
                    high => high.parse::<usize>().ok()?.min(low + MAX_REPEAT),
                };
                (low, high)
            }
            _ => return Some(None),
        };
        self.chars.next()?;
        self.chars.next_if_eq(&'?');
        Some(Some(limits))
    }
}

/// The characters that an escape is for.
fn escape(char: char) -> Option<Vec<char>> {
    match char {
        'd' => Some(('0'..='9').collect()),
        'w' => Some(('a'..='z').chain('0'..='9').collect()),
        's' => Some(vec![' ']),
        'S' | 'D' => Some(('a'..='z').collect()),
        'W' => Some(vec!['-']),
        // The start of a line or a word, and what this does not know.
        'b' | 'B' | 'p' | 'P' | 'u' | 'x' | 'k' | '1'..='9' => None,
        char => Some(vec![char]),
    }
}
