//! Where a JSON pointer leads to in a text.

use std::ops::Range;

/// The bytes of what is wrong at `pointer`: a string is shown itself, of all else the key, and of the whole the beginning.
/// Of a pointer that leads further than the text, the last place that is there.
pub(super) fn locate(text: &str, pointer: &str) -> Range<usize> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_blanks();
    let mut found = 0..0;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let Some(key) = cursor.enter(&name) else { return found };
        found = key.unwrap_or(cursor.at..cursor.at + 1);
    }
    let start = cursor.at;
    if !pointer.is_empty() && cursor.peek() == Some(b'"') {
        cursor.skip_string();
        return start..cursor.at;
    }
    found
}

/// A place in a text that was read before, so that it is JSON.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes over one sign and the blanks around it, if it is there.
    fn skip(&mut self, sign: u8) -> bool {
        self.skip_blanks();
        let is_there = self.peek() == Some(sign);
        self.at += usize::from(is_there);
        self.skip_blanks();
        is_there
    }

    /// Goes to the member or element of this name; tells where its key is. `None` if there is none.
    #[allow(
        clippy::option_option,
        reason = "the outer one is whether it is there, the inner one is an element's"
    )]
    fn enter(&mut self, name: &str) -> Option<Option<Range<usize>>> {
        if self.skip(b'{') {
            while self.peek() == Some(b'"') {
                let start = self.at;
                self.skip_string();
                let key = start..self.at;
                let found =
                    self.text.get(key.clone()).and_then(|key| serde_json::from_str::<String>(key).ok());
                self.skip(b':');
                if found.is_some_and(|found| found == name) {
                    return Some(Some(key));
                }
                self.skip_value();
                self.skip(b',');
            }
            return None;
        }
        let index: usize = name.parse().ok()?;
        if !self.skip(b'[') {
            return None;
        }
        for _ in 0..index {
            self.skip_value();
            if !self.skip(b',') {
                return None;
            }
        }
        (self.peek() != Some(b']')).then_some(None)
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    fn skip_value(&mut self) {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.skip_string();
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 1 => depth -= 1,
                b'}' | b']' => {
                    // The end of this value, or of the one around it.
                    self.at += depth;
                    return;
                }
                b',' if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::locate;

    const TEXT: &str = r#" {"type": "a", "x": {"enum": ["type", {"type": 1}], "\u0074ype": "б\"}", "a/b": {}}, "y": [1, [2], "z"]}"#;

    fn at(pointer: &str) -> &str {
        TEXT.get(locate(TEXT, pointer)).unwrap_or("?")
    }

    #[test]
    fn a_string_is_shown_itself_and_of_all_else_the_key() {
        assert_eq!(at("/type"), "\"a\"");
        assert_eq!(at("/x"), "\"x\"");
        assert_eq!(at("/x/type"), r#""б\"}""#);
        assert_eq!(at("/x/enum/1/type"), "\"type\"");
        assert!(
            TEXT.get(..locate(TEXT, "/x/enum/1/type").start)
                .is_some_and(|before| before.ends_with("\"type\", {"))
        );
        assert_eq!(at("/x/a~1b"), "\"a/b\"");
        assert_eq!(at("/y/2"), "\"z\"");
        assert_eq!(at("/y/1/0"), "2");
    }

    #[test]
    fn what_is_not_there_is_the_nearest_that_is() {
        assert_eq!(at(""), "");
        assert_eq!(at("/nothing"), "");
        assert_eq!(at("/x/nothing/more"), "\"x\"");
        assert_eq!(at("/y/7"), "\"y\"");
        assert_eq!(at("/type/0"), "\"type\"");
    }

    proptest! {
        #[test]
        fn any_text_and_any_pointer_give_a_place(text in "[{}\\[\\]\",:1aё\\\\ ]{0,40}", pointer in "[/a01~]{0,8}") {
            let found = locate(&text, &pointer);
            prop_assert!(found.start <= found.end);
        }
    }
}
