//! Markdown tables, and numbers as people read them.

use crate::statistics::Spread;

/// A table in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    text: String,
}

// === impl Table ===

impl Table {
    /// Begins a table: the first column holds words, the others numbers.
    pub(super) fn new(head: &[&str]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.row(head);
        let rules = head.iter().enumerate();
        let rules: Vec<&str> = rules
            .map(|(column, _)| if column == 0 { "---" } else { "---:" })
            .collect();
        table.row(&rules);
        table
    }

    /// Adds a row.
    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for cell in cells {
            self.text.push_str("| ");
            self.text.push_str(cell.as_ref());
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }

    /// Returns the text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Returns a number with one digit after the point, or none if it is large.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        thousands(value)
    } else if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// Returns a number with two digits after the point, as ratios and milliseconds want it.
pub(super) fn fine(value: f64) -> String {
    format!("{value:.2}")
}

/// Returns a median with its middle half.
pub(super) fn spread(spread: &Spread, write: fn(f64) -> String) -> String {
    format!(
        "{} ({}–{})",
        write(spread.median),
        write(spread.low),
        write(spread.high)
    )
}

/// Returns a count of keys.
pub(super) fn count(keys: u64) -> String {
    grouped(&keys.to_string())
}

/// Returns bytes in megabytes of a million.
pub(super) fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", count(tenths / 10), tenths % 10)
}

fn thousands(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new(&["what", "how much"]);
        table.row(&["all", "1"]);
        let lines = "| what | how much |\n| --- | ---: |\n| all | 1 |\n";
        assert_eq!(table.finish(), lines);
    }

    #[test]
    fn numbers_have_as_many_digits_as_they_deserve() {
        for (value, text) in [
            (0.04, "0.0"),
            (14.26, "14.3"),
            (123.4, "123"),
            (31_234.5, "31,234"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(megabytes(96_540_000), "96.5");
    }

    #[test]
    fn a_median_shows_its_middle_half() {
        let ratio = Spread {
            low: 1.0,
            median: 1.25,
            high: 1.5,
        };
        assert_eq!(spread(&ratio, fine), "1.25 (1.00–1.50)");
    }
}
