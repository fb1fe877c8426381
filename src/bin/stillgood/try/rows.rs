//! Two dozen made-up memories, one or more for every verdict and reason.

use stillgood::{Category, Draft, Kind, OwnLink, RowId, Span, Timestamp};

/// One made-up memory.
pub(super) struct Memory {
    id: &'static str,
    text: &'static str,
    kind: Kind,
    category: Category,
    /// Said this many days ago.
    days: i64,
    /// In hundredths.
    pub(super) relevance: u32,
    pub(super) twist: Twist,
}

/// What sets a memory apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    None,
    Confirmed {
        days: i64,
    },
    Denied {
        days: i64,
    },
    Tied(OwnLink, &'static str),
    /// Ended so many days ago; ahead if negative.
    Ended {
        days: i64,
    },
    /// Begins in so many days.
    Begins {
        days: i64,
    },
    /// The search index still holds another text.
    Misquoted(&'static str),
    /// In the search index, not in the vault.
    Unknown,
}

use Category::{Career, Finance, Health, Identity, Interests, Learning, Private, Productivity, Relationships, Travel};
use Kind::{Episodic, Semantic};
use Twist::{Begins, Confirmed, Denied, Ended, Misquoted, None, Tied, Unknown};

pub(super) fn memories() -> Vec<Memory> {
    let memory =
        |id, text, kind, category, days, relevance, twist| Memory { id, text, kind, category, days, relevance, twist };
    vec![
        memory("m01", "I cannot eat peanuts.", Semantic, Health, 200, 96, None),
        memory("m02", "I live on the fourth floor, no lift.", Semantic, Identity, 700, 88, None),
        memory("m03", "My oldest friend is vegetarian.", Semantic, Relationships, 900, 93, Confirmed { days: 1 }),
        memory("m04", "I try to spend less than 60 on a dinner for guests.", Semantic, Finance, 1_700, 91, None),
        memory(
            "m05",
            "I raised my budget for dinners to 90.",
            Semantic,
            Finance,
            20,
            90,
            Tied(OwnLink::Supersedes, "m06"),
        ),
        memory("m06", "My budget for a dinner is 40.", Semantic, Finance, 400, 89, None),
        memory("m07", "My sister eats no fish.", Semantic, Relationships, 300, 86, None),
        memory(
            "m08",
            "My sister's favourite dish is grilled sardines.",
            Semantic,
            Relationships,
            280,
            85,
            Tied(OwnLink::Contradicts, "m07"),
        ),
        memory("m09", "My neighbour is allergic to cats.", Semantic, Health, 90, 84, Denied { days: 3 }),
        memory("m10", "Last week the oven broke.", Episodic, Productivity, 700, 82, None),
        memory("m11", "I had the flu when I last planned a dinner.", Episodic, Health, 1_500, 81, None),
        memory("m12", "I am in Porto at the moment.", Episodic, Travel, 540, 80, None),
        memory("m13", "I have the loan of a fondue set.", Semantic, Interests, 200, 79, Ended { days: 12 }),
        memory("m14", "From next month on I work late on Saturdays.", Semantic, Career, 5, 78, Begins { days: 9 }),
        memory("m15", "I am saving for a present that my partner must not know of.", Semantic, Private, 14, 77, None),
        memory("m16", "I am learning to bake sourdough.", Semantic, Learning, 40, 76, None),
        memory("m17", "I like jazz while I cook.", Semantic, Interests, 500, 60, None),
        memory(
            "m18",
            "My colleague drinks no alcohol.",
            Semantic,
            Relationships,
            150,
            74,
            Misquoted("My colleague drinks red wine."),
        ),
        memory("m19", "I write my shopping lists on paper.", Semantic, Productivity, 365, 55, None),
        memory("m20", "I once got lost on the way to a wedding.", Episodic, Travel, 1_600, 22, None),
        memory("m21", "I want to learn to sail.", Semantic, Learning, 30, 9, None),
        memory("m22", "I sold my car.", Episodic, Finance, 800, 12, None),
        memory("m23", "I follow a plan for the half marathon.", Episodic, Health, 500, 48, None),
        memory("m24", "I own a large table.", Semantic, Interests, 100, 70, Unknown),
    ]
}

impl Memory {
    pub(super) fn row(&self) -> RowId {
        self.id.parse().expect("a short id")
    }

    /// The text as the search index holds it.
    pub(super) fn offered(&self) -> &'static str {
        if let Misquoted(text) = self.twist { text } else { self.text }
    }

    pub(super) fn draft(&self, now: Timestamp) -> Draft {
        let ago = |days: i64| now.plus(Span::days(-days).expect("a few years"));
        let mut draft = Draft::new(self.row(), self.text, ago(self.days), self.kind).expect("a short text");
        draft.traits.categories.insert(self.category);
        match self.twist {
            Tied(kind, other) => _ = draft.links.insert((kind, other.parse().expect("a short id"))),
            Ended { days } => draft.traits.valid_until = Some(ago(days)),
            Begins { days } => draft.traits.valid_from = Some(ago(-days)),
            _ => {}
        }
        draft
    }
}
