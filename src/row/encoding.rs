//! Head and body as bytes, both ways: `docs/formats.md`, "Head" and "Body".

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::{
    Body, Categories, Category, Head, Kind, Label, LinkKind, Links, MadeBy, Origin, Parents, Source, Tag,
    TextCommitment, Traits,
};
use crate::cbor::{Malformed, Read, Reader, Sink, Writer, encodes};
use crate::evidence::{Attachments, indexed, read_time};
use crate::id::{Digest, RowId};
use crate::score::Score;
use crate::time::Timestamp;

const ITEMS: usize = 29;
const MOST_TAGS: u64 = 32;
/// Counts stay below 2^53.
const MOST_COUNT: u64 = 1 << 53;

impl Head {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::array_of(ITEMS, 1_024);
        self.write(&mut out);
        Zeroizing::new(out.finish())
    }

    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        let Head { traits, .. } = self;
        out.text(self.row.as_str()).uint(self.generation).uint(traits.kind.index());
        out.nested(traits.categories.len());
        for category in traits.categories.iter() {
            out.uint(category.index());
        }
        out.nested(traits.tags.len());
        for tag in &traits.tags {
            out.text(tag.as_str());
        }
        out.text(traits.source.as_str()).uint(traits.origin.index());
        out.text_or_null(traits.subject.as_ref().map(Label::as_str));
        out.text_or_null(traits.attribute.as_ref().map(Label::as_str));
        out.uint(traits.labels_by.index());
        out.uint_or_null(traits.importance.map(|score| score.millionths().into()));
        out.int(self.stated_at.millis());
        out.int_or_null(self.confirmed_at.map(Timestamp::millis));
        out.uint(self.confirmations).bool(self.denied);
        out.int_or_null(self.observed_at.map(Timestamp::millis));
        out.int_or_null(self.asked_at.map(Timestamp::millis));
        out.int_or_null(traits.valid_from.map(Timestamp::millis));
        out.int_or_null(traits.valid_until.map(Timestamp::millis));
        out.bool(self.edited).uint(self.parents.index());
        out.nested(self.links.iter().len());
        for (kind, row, by) in self.links.iter() {
            out.nested(3).uint(kind.index()).text(row.as_str()).uint(by.index());
        }
        self.boxes.write(out);
        out.bytes(self.body.as_bytes()).uint(self.body_generation);
        out.bytes_or_null(self.evidence.as_ref().map(|digest| digest.as_bytes().as_slice()));
        out.bytes(self.text.commitment.as_bytes()).bytes(&self.text.opening);
        out.bytes_or_null(self.previous.as_ref().map(|digest| digest.as_bytes().as_slice()));
    }

    /// Whether it can be read again once it is sealed; the words say what stands in the way.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.traits.tags.len() as u64 > MOST_TAGS {
            return Err("a row has at most 32 tags");
        }
        match Head::from_bytes(&self.to_bytes(), &self.row) {
            Ok(read) if *read == *self => Ok(()),
            _ => Err("its head has no legal form"),
        }
    }

    /// The head of this row. In a box: a head is large, and passes through many hands.
    pub(crate) fn from_bytes<'a>(bytes: &'a [u8], row: &'a RowId) -> Read<Box<Self>> {
        let mut from = Reader::new(bytes);
        let head = Head::read(&mut from, row)?;
        from.end()?;
        debug_assert!(encodes(bytes, ITEMS, |out| head.write(out)), "one encoding per value");
        Ok(head)
    }

    fn read<'a>(from: &mut Reader<'a>, row: &'a RowId) -> Read<Box<Self>> {
        from.array(ITEMS as u64)?;
        if from.text_like(row.as_str())? != row.as_str() {
            return Err(Malformed);
        }
        let row = row.clone();
        let generation = from.uint()?;
        let kind = indexed(from, Kind::from_index)?;
        let categories = read_categories(from)?;
        let tags = read_tags(from)?;
        let source: Source = parsed(from.text()?)?;
        let origin = indexed(from, Origin::from_index)?;
        let subject = from.optional(|from| parsed::<Label>(from.text()?))?;
        let attribute = from.optional(|from| parsed::<Label>(from.text()?))?;
        let labels_by = indexed(from, MadeBy::from_index)?;
        let importance = from.optional(read_score)?;
        let stated_at = Timestamp::from_millis(from.int()?).map_err(|_| Malformed)?;
        let confirmed_at = read_time(from)?;
        let confirmations = from.uint()?;
        let denied = from.bool()?;
        let observed_at = read_time(from)?;
        let asked_at = read_time(from)?;
        let valid_from = read_time(from)?;
        let valid_until = read_time(from)?;
        let traits = Traits {
            kind,
            categories,
            tags,
            source,
            origin,
            subject,
            attribute,
            labels_by,
            importance,
            valid_from,
            valid_until,
        };
        let head = Box::new(Head {
            row,
            generation,
            traits,
            stated_at,
            confirmed_at,
            confirmations,
            denied,
            observed_at,
            asked_at,
            edited: from.bool()?,
            parents: indexed(from, Parents::from_index)?,
            links: read_links(from)?,
            boxes: Attachments::read(from)?,
            body: Digest::from_bytes(from.fixed()?),
            body_generation: from.uint()?,
            evidence: read_digest(from)?,
            text: TextCommitment { commitment: Digest::from_bytes(from.fixed()?), opening: from.fixed()? },
            previous: read_digest(from)?,
        });
        let counted = head.generation < MOST_COUNT
            && head.confirmations < MOST_COUNT
            && (1..=head.generation).contains(&head.body_generation)
            // The first head of a row that was forgotten before is of a later generation.
            && (head.generation > 1 || head.previous.is_none());
        counted.then_some(head).ok_or(Malformed)
    }
}

impl Body {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::array_of(2, self.text().len() + self.details().map_or(0, str::len) + 32);
        self.write(&mut out);
        Zeroizing::new(out.finish())
    }

    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.text(self.text()).text_or_null(self.details());
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Read<Self> {
        let mut from = Reader::new(bytes);
        from.array(2)?;
        let text = from.text()?.to_owned();
        let details = from.optional(|from| from.text().map(str::to_owned))?;
        let body = Body::new(text, details).map_err(|_| Malformed)?;
        from.end()?;
        debug_assert!(encodes(bytes, 2, |out| body.write(out)), "one encoding per value");
        Ok(body)
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Read<T> {
    text.parse().map_err(|_| Malformed)
}

/// In ascending order, none of them twice: the one order in which a set is written.
fn read_categories(from: &mut Reader<'_>) -> Read<Categories> {
    let (mut categories, mut last) = (Categories::default(), None);
    for _ in 0..from.array_up_to(Category::ALL.len() as u64)? {
        let category = indexed(from, Category::from_index)?;
        if last.replace(category).is_some_and(|last| last >= category) {
            return Err(Malformed);
        }
        categories.insert(category);
    }
    Ok(categories)
}

/// In ascending order, too.
fn read_tags(from: &mut Reader<'_>) -> Read<BTreeSet<Tag>> {
    let mut tags = BTreeSet::new();
    for _ in 0..from.array_up_to(MOST_TAGS)? {
        let tag = parsed::<Tag>(from.text()?)?;
        if tags.last().is_some_and(|last| *last >= tag) {
            return Err(Malformed);
        }
        tags.insert(tag);
    }
    Ok(tags)
}

fn read_score(from: &mut Reader<'_>) -> Read<Score> {
    let millionths = u32::try_from(from.uint()?).map_err(|_| Malformed)?;
    Score::from_millionths(millionths).map_err(|_| Malformed)
}

fn read_links(from: &mut Reader<'_>) -> Read<Links> {
    let mut links = BTreeMap::new();
    for _ in 0..from.array_up_to(Links::MOST as u64)? {
        from.array(3)?;
        let link = (indexed(from, LinkKind::from_index)?, parsed::<RowId>(from.text()?)?);
        if links.last_key_value().is_some_and(|(last, _)| *last >= link) {
            return Err(Malformed);
        }
        links.insert(link, indexed(from, MadeBy::from_index)?);
    }
    Ok(Links(links))
}

fn read_digest(from: &mut Reader<'_>) -> Read<Option<Digest>> {
    from.optional(|from| from.fixed().map(Digest::from_bytes))
}
