//! MemSync's ten categories, and a set of them.

use std::fmt;

use crate::evidence::ladder;

ladder!(
    /// MemSync's ten categories.
    Category {
        /// Who somebody is.
        Identity = "identity",
        /// Work.
        Career = "career",
        /// Likes and pastimes.
        Interests = "interests",
        /// Other people.
        Relationships = "relationships",
        /// Body and mind.
        Health = "health",
        /// Money.
        Finance = "finance",
        /// Study.
        Learning = "learning",
        /// Journeys.
        Travel = "travel",
        /// Ways of working.
        Productivity = "productivity",
        /// Not for others.
        Private = "private",
    }
);

/// A set of categories: one bit each, so that a head with some is read without asking for memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Categories(u16);

impl Categories {
    /// Adds a category, if it is not there.
    pub const fn insert(&mut self, category: Category) {
        self.0 |= 1 << category.index();
    }

    /// Whether it is there.
    pub const fn contains(self, category: Category) -> bool {
        self.0 >> category.index() & 1 == 1
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// All that are there, in the order of the format.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let first = Category::ALL.get(bits.trailing_zeros() as usize).copied()?;
            bits &= bits - 1;
            Some(first)
        })
    }
}

impl Categories {
    /// One bit for each category, in the order of the format.
    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    /// All that are there, ascending by name, as a set of words stands in signed facts.
    pub(crate) fn by_name(self) -> impl Iterator<Item = Category> {
        use Category::{
            Career, Finance, Health, Identity, Interests, Learning, Private, Productivity, Relationships, Travel,
        };
        let sorted =
            [Career, Finance, Health, Identity, Interests, Learning, Private, Productivity, Relationships, Travel];
        sorted.into_iter().filter(move |category| self.contains(*category))
    }
}

impl Extend<Category> for Categories {
    fn extend<I: IntoIterator<Item = Category>>(&mut self, categories: I) {
        categories.into_iter().for_each(|category| self.insert(category));
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        let mut set = Categories::default();
        set.extend(categories);
        set
    }
}

impl fmt::Debug for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_its_own_bit() {
        let mut set = Categories::default();
        assert!(set.is_empty());
        for (count, category) in Category::ALL.iter().copied().rev().enumerate() {
            assert!(!set.contains(category));
            set.insert(category);
            set.insert(category);
            assert_eq!((set.contains(category), set.len()), (true, count + 1));
        }
        assert!(set.iter().eq(Category::ALL.iter().copied()));
        let names: Vec<&str> = set.by_name().map(Category::name).collect();
        assert!(names.is_sorted() && names.len() == Category::ALL.len());
        assert_eq!([Category::Travel, Category::Identity].into_iter().collect::<Categories>().iter().count(), 2);
    }
}
