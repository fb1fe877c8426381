//! Which of a sample's attributes a table lists.

use std::collections::HashSet;

use super::Sample;
use crate::survival::SurvivalTable;

impl Sample {
    /// The attributes that the table does not list, by the name under which it would, with how many rows have them: in the order
    /// in which they first stand there, none without a row.
    pub fn unlisted(&self, table: &SurvivalTable) -> Vec<(&str, usize)> {
        let mut rows = vec![0_usize; self.attributes().count()];
        for row in self.all_rows() {
            if let Some(rows) = rows.get_mut(row.attribute) {
                *rows += 1;
            }
        }
        let named = self.attributes().map(SurvivalTable::attribute_name);
        let listed: HashSet<&str> = table.attributes().collect();
        named.zip(rows).filter(|(name, rows)| *rows > 0 && !listed.contains(name)).collect()
    }
}
