//! Patterns as most schemas have them, `^[A-Z]{2}-\d{4,6}$`: a row of kinds of characters, from one end to the other. They
//! take a fraction of what a regular expression takes, in memory and in time. Others are the library's.

/// More ways than this to read a pattern, and it is the library's.
const MAX_ROWS: usize = 16;
/// More repetitions are the library's to refuse.
const MAX_TIMES: u32 = 1000;
/// As often as there are characters.
const OPEN: u32 = u32::MAX;

/// A text fits if one of the rows fits all of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    rows: Box<[Row]>,
}

type Row = Box<[Run]>;

/// Characters of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    kind: Kind,
    least: u32,
    most: u32,
}

/// ASCII characters, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind(u128);

impl Pattern {
    /// `None` where it is more than this.
    pub fn of(pattern: &str) -> Option<Self> {
        let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
        let mut reading = Reading { rest: inner };
        let rows = reading.alternatives()?;
        // `^a|b$` is two patterns with one end each.
        let whole = reading.rest.is_empty() && !is_open_choice(inner);
        let rows: Box<[Row]> = rows.into_iter().map(joined).collect();
        (whole && rows.iter().all(|row| is_plain(row))).then_some(Self { rows })
    }

    pub fn fits(&self, text: &str) -> bool {
        self.rows.iter().any(|row| fits(row, text.as_bytes()))
    }
}

fn fits(row: &[Run], mut text: &[u8]) -> bool {
    for run in row {
        let most = text.len().min(run.most as usize);
        let taken = text.iter().take(most).take_while(|byte| run.kind.has(**byte)).count();
        if taken < run.least as usize {
            return false;
        }
        text = text.get(taken..).unwrap_or_default();
    }
    text.is_empty()
}

/// Whether the most that a run can take is what it takes: what follows it is of another kind, and is there.
fn is_plain(row: &[Run]) -> bool {
    row.iter().enumerate().all(|(at, run)| match row.get(at + 1..) {
        _ if run.least == run.most => true,
        Some([next, rest @ ..]) => run.kind.0 & next.kind.0 == 0 && (next.least > 0 || rest.is_empty()),
        _ => true,
    })
}

/// Runs of one kind that follow each other are one.
fn joined(runs: Vec<Run>) -> Row {
    let mut row: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match row.last_mut() {
            Some(last) if last.kind == run.kind => {
                last.least = last.least.saturating_add(run.least);
                last.most = last.most.saturating_add(run.most);
            }
            _ => row.push(run),
        }
    }
    row.into()
}

/// Whether a `|` stands outside of all brackets.
fn is_open_choice(pattern: &str) -> bool {
    let (mut depth, mut escaped) = (0_usize, false);
    pattern.chars().any(|char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match char {
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == '|' && depth == 0
    })
}

struct Reading<'p> {
    rest: &'p str,
}

impl Reading<'_> {
    /// Every way to read what stands between `|`, up to a bracket or the end.
    fn alternatives(&mut self) -> Option<Vec<Vec<Run>>> {
        let mut rows = self.sequence()?;
        while self.skip('|') {
            rows.extend(self.sequence()?);
        }
        (rows.len() <= MAX_ROWS).then_some(rows)
    }

    fn sequence(&mut self) -> Option<Vec<Vec<Run>>> {
        let mut rows = vec![Vec::new()];
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let next = self.item()?;
            if rows.len() * next.len() > MAX_ROWS {
                return None;
            }
            let both = |row: &Vec<Run>, next: &Vec<Run>| row.iter().chain(next).copied().collect();
            rows = rows.iter().flat_map(|row| next.iter().map(move |next| both(row, next))).collect();
        }
        Some(rows)
    }

    /// A character, a class or a group, as often as is said.
    fn item(&mut self) -> Option<Vec<Vec<Run>>> {
        if !self.skip('(') {
            let kind = self.kind()?;
            let (least, most) = self.times()?;
            return Some(vec![vec![Run { kind, least, most }]]);
        }
        self.rest = self.rest.strip_prefix("?:").unwrap_or(self.rest);
        let mut rows = self.alternatives()?;
        if !self.skip(')') {
            return None;
        }
        match self.times()? {
            (1, 1) => {}
            (0, 1) => rows.push(Vec::new()),
            _ => return None,
        }
        Some(rows)
    }

    fn kind(&mut self) -> Option<Kind> {
        match self.next()? {
            '\\' => self.escaped(),
            '[' => self.class(),
            char if char.is_ascii_alphanumeric() || " -_/:,;@#%='\"<>!".contains(char) => Kind::of(char),
            _ => None,
        }
    }

    /// `\d`, `\w`, or a sign that stands for itself.
    fn escaped(&mut self) -> Option<Kind> {
        match self.next()? {
            'd' => Kind::range('0', '9'),
            'w' => Some(
                Kind::range('0', '9')?
                    .with(Kind::range('A', 'Z')?)
                    .with(Kind::range('a', 'z')?)
                    .with(Kind::of('_')?),
            ),
            char if char.is_ascii_punctuation() => Kind::of(char),
            _ => None,
        }
    }

    fn class(&mut self) -> Option<Kind> {
        let mut kind = Kind(0);
        while !self.skip(']') {
            let first = match self.next()? {
                '\\' => {
                    let escaped = self.escaped()?;
                    kind = kind.with(escaped);
                    // What begins with `\d` is no range.
                    if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                        return None;
                    }
                    continue;
                }
                '^' | '[' | '&' | '~' => return None,
                char => char,
            };
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.skip('-');
                let last = self.next().filter(|last| last.is_ascii_alphanumeric())?;
                kind = kind.with(Kind::range(first, last)?);
            } else {
                kind = kind.with(Kind::of(first)?);
            }
        }
        (kind.0 != 0).then_some(kind)
    }

    fn times(&mut self) -> Option<(u32, u32)> {
        let times = if self.skip('?') {
            (0, 1)
        } else if self.skip('+') {
            (1, OPEN)
        } else if self.skip('*') {
            (0, OPEN)
        } else if self.skip('{') {
            let (inside, rest) = self.rest.split_once('}')?;
            self.rest = rest;
            let number = |text: &str| {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse().ok().filter(|times| digits && *times <= MAX_TIMES)
            };
            match inside.split_once(',') {
                None => (number(inside)?, number(inside)?),
                Some((least, "")) => (number(least)?, OPEN),
                Some((least, most)) => (number(least)?, number(most)?),
            }
        } else {
            return Some((1, 1));
        };
        // A second sign would be about how much is taken, or about nothing.
        (times.0 <= times.1 && !self.rest.starts_with(['?', '+', '*', '{'])).then_some(times)
    }

    fn next(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = self.rest.get(char.len_utf8()..)?;
        Some(char)
    }

    fn skip(&mut self, char: char) -> bool {
        let rest = self.rest.strip_prefix(char);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

impl Kind {
    fn of(char: char) -> Option<Self> {
        Self::range(char, char)
    }

    fn range(first: char, last: char) -> Option<Self> {
        let is_ascii = first.is_ascii() && last.is_ascii() && first <= last;
        is_ascii.then(|| Self((u32::from(first)..=u32::from(last)).fold(0, |bits, char| bits | 1 << char)))
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, byte: u8) -> bool {
        byte.is_ascii() && self.0 >> byte & 1 == 1
    }
}
