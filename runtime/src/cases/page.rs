//! What is written of a case: lines, and JSON as people read it, each as deep as what led to it.

use engine::value::pretty;

#[derive(Debug, Default)]
pub struct Page {
    text: String,
    depth: usize,
}

impl Page {
    /// Lines; an empty text is none.
    pub fn write(&mut self, text: &str) {
        for line in text.lines() {
            let indent = "  ".repeat(if line.is_empty() { 0 } else { self.depth });
            self.text.push_str(&format!("{indent}{line}\n"));
        }
    }

    pub fn json(&mut self, bytes: &[u8]) {
        self.write(&pretty(bytes));
    }

    /// What belongs to the line before.
    pub fn within(&mut self, write: impl FnOnce(&mut Self)) {
        self.enter();
        write(self);
        self.leave();
    }

    /// What follows belongs to the line before.
    pub fn enter(&mut self) {
        self.depth += 1;
    }

    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub fn done(self) -> String {
        self.text
    }
}
