//! Which of a sample's attributes a table lists.

use std::collections::HashSet;

use super::Sample;
use crate::survival::SurvivalTable;

impl Sample {
    /// The attributes that the table does not list, by the name under which it would, with how many rows have them: in the order
    /// in which they first stand there, none without a row.
    pub fn unlisted(&self, table: &SurvivalTable) -> Vec<(&str, usize)> {
        let named = self.attributes().map(SurvivalTable::attribute_name);
        let listed: HashSet<&str> = table.attributes().collect();
        named.zip(self.rows_of_attributes()).filter(|(name, rows)| *rows > 0 && !listed.contains(name)).collect()
    }
}
