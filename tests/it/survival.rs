//! The chance that a row still holds: how a table is read, refused, fitted from facts, and shifted for one person.

use proptest::prelude::*;
use stillgood::{
    Categories, Category, CurveDefect, Experience, Fit, Key, Kind, Outcome, Score, ScoreError, Shape, Shifts, Span,
    Standing, SurvivalError, SurvivalTable, Tenure, Watched,
};

use crate::share::rows::SplitMix64;
use crate::support::file;

fn days(days: i64) -> Span {
    Span::days(days).unwrap()
}

fn shipped() -> SurvivalTable {
    SurvivalTable::from_toml(&std::fs::read_to_string(file("policies/survival.toml")).unwrap()).unwrap()
}

fn of(attribute: Option<&str>, tenure: Tenure) -> Standing<'_> {
    Standing { attribute, kind: Kind::Semantic, categories: Categories::default(), tenure }
}

fn unknown(attribute: &str) -> Standing<'_> {
    of(Some(attribute), Tenure::AtLeast(Span::ZERO))
}

fn chance(table: &SurvivalTable, of: &Standing<'_>, after: i64) -> f64 {
    f64::from(table.chance(of, days(after)).millionths()) / 1e6
}

// The file.

/// A table of two steps, with these lines before its curves.
fn text(lines: &str) -> String {
    let categories = Category::ALL.iter().map(|category| category.name()).chain(["none"]);
    let curves: String = categories
        .flat_map(|category| ["semantic", "episodic"].map(|kind| (kind, category)))
        .map(|(kind, category)| format!("[[curve]]\nkind = \"{kind}\"\ncategory = \"{category}\"\nchance = [1, 0.5]\n"))
        .collect();
    format!("days = [0, 30]\n{lines}\n{curves}")
}

fn attribute(name: &str, known: &str, unknown: &str) -> String {
    format!("[[attribute]]\nname = \"{name}\"\nknown = {known}\nunknown = {unknown}\n")
}

fn refused(text: &str) -> SurvivalError {
    let error = SurvivalTable::from_toml(text).unwrap_err();
    let line = error.to_string();
    assert!(!line.contains('\n') && line.len() < 300 && !line.ends_with('.'), "{line:?}");
    error
}

#[test]
fn a_table_that_is_not_one_is_refused_in_one_line_that_says_why() {
    let a = |defect| SurvivalError::Curve { of: "attribute `a`".to_owned(), defect };
    let one = |known: &str| text(&attribute("a", known, "[[1, 1]]"));
    assert_eq!(refused(&one("[[0.5, 0.6]]")), a(CurveDefect::Rises));
    assert_eq!(refused(&one("[[1, -0.1]]")), a(CurveDefect::Chance(ScoreError::OutOfRange)));
    assert_eq!(refused(&one("[[1.000001, 1]]")), a(CurveDefect::Chance(ScoreError::OutOfRange)));
    assert_eq!(refused(&one("[[1, nan]]")), a(CurveDefect::Chance(ScoreError::NotANumber)));
    assert_eq!(refused(&one("[[1, inf]]")), a(CurveDefect::Chance(ScoreError::NotANumber)));
    assert_eq!(refused(&one("[[1]]")), a(CurveDefect::Steps));
    assert_eq!(refused(&one("[[]]")), a(CurveDefect::Steps));
    assert_eq!(refused(&one("[]")), a(CurveDefect::Tenures));
    assert_eq!(refused(&one("[[1, 1], [1, 1]]")), a(CurveDefect::Tenures));
    assert_eq!(refused(&text(&attribute("a", "[[1, 1]]", "[[1, 1]]").repeat(2))), SurvivalError::Twice("a".into()));
    let unnamed = SurvivalError::Curve { of: "attribute ``".to_owned(), defect: CurveDefect::Name };
    assert_eq!(refused(&text(&attribute("", "[[1, 1]]", "[[1, 1]]"))), unnamed);
    let more = attribute("a", "[[1, 1]]", "[[1, 1]]") + "facts = 1\nended = 2\n";
    assert_eq!(refused(&text(&more)), a(CurveDefect::Ended));
    assert_eq!(refused(&text("tenure_days = [1, 2]")), SurvivalError::Disordered("tenure_days"));
    assert_eq!(refused(&text("").replace("[0, 30]", "[30, 0]")), SurvivalError::Disordered("days"));
    assert_eq!(refused(&text("").replace("[0, 30]", "[]")), SurvivalError::Disordered("days"));
    assert_eq!(refused(&text("").replace("[0, 30]", "[0, 9223372036854775807]")), SurvivalError::Disordered("days"));
    let many: Vec<String> = (0..65).map(|day| day.to_string()).collect();
    let many = many.join(", ");
    let steps = text("").replace("[0, 30]", &format!("[{many}]"));
    assert_eq!(refused(&steps), SurvivalError::TooMany { key: "days", most: 64 });
    let tenures = text(&format!("tenure_days = [{many}]"));
    assert_eq!(refused(&tenures), SurvivalError::TooMany { key: "tenure_days", most: 64 });
    let crowd: String = (0..1_001).map(|number| attribute(&format!("a{number}"), "[[1, 1]]", "[[1, 1]]")).collect();
    assert_eq!(refused(&text(&crowd)), SurvivalError::TooMany { key: "attribute", most: 1_000 });
    assert_eq!(refused(&format!("#{}", " ".repeat(4 << 20))), SurvivalError::TooLong);
    let none = SurvivalError::NotOne { kind: "semantic", category: "none" };
    assert_eq!(
        refused(&text("").replace("\"none\"", "\"identity\"")),
        SurvivalError::NotOne { kind: "semantic", category: "identity" }
    );
    assert_eq!(
        refused(&text("").replacen(
            "kind = \"semantic\"\ncategory = \"none\"",
            "kind = \"episodic\"\ncategory = \"none\"",
            1
        )),
        none
    );
    for broken in ["", "[[[", "days = 3", "days = [0]\ncurve = []\nmore = 1\n", "\u{0}", "days = [\"a\nb\"]"] {
        assert!(matches!(refused(broken), SurvivalError::NotATable(_) | SurvivalError::NotOne { .. }), "{broken:?}");
    }
    assert!(matches!(refused(&format!("days = {}", "[".repeat(100_000))), SurvivalError::NotATable(_)));
}

#[test]
fn a_file_without_attributes_is_read_as_it_always_was() {
    let table = SurvivalTable::from_toml(&text("")).unwrap();
    assert_eq!(table.attributes().count(), 0);
    assert_eq!(table.shape(), Shape { steps: vec![Span::ZERO, days(30)], tenures: vec![Span::ZERO] });
    for attribute in [None, Some("employer")] {
        let of = of(attribute, Tenure::Known(days(4_000)));
        assert_eq!([0, 15, 29, 30, 9_999].map(|after| chance(&table, &of, after)), [1.0, 0.75, 0.515, 0.5, 0.5]);
    }
}

#[test]
fn a_row_is_read_by_attribute_and_tenure_else_by_kind_and_the_category_that_fades_fastest() {
    let lines = "tenure_days = [0, 100]\n".to_owned()
        + &attribute("a", "[[1, 0.9], [1, 0.8]]", "[[1, 0.7], [1, 0.6]]")
        + &attribute("*", "[[1, 0.4]]", "[[1, 0.3]]");
    let table = SurvivalTable::from_toml(&text(&lines).replace("[1, 0.5]", "[1, 0.2]")).unwrap();
    assert_eq!(table.attributes().collect::<Vec<_>>(), ["*", "a"]);
    let read = |attribute, tenure| chance(&table, &of(attribute, tenure), 30);
    assert_eq!(read(Some("a"), Tenure::Known(days(99))), 0.9);
    assert_eq!(read(Some("a"), Tenure::Known(days(100))), 0.8);
    assert_eq!(read(Some("a"), Tenure::AtLeast(Span::ZERO)), 0.7);
    assert_eq!(read(Some("a"), Tenure::AtLeast(days(9_999))), 0.6);
    assert_eq!(read(Some("A"), Tenure::Known(days(500))), 0.4);
    assert_eq!(read(Some("another"), Tenure::AtLeast(days(500))), 0.3);
    assert_eq!(read(None, Tenure::AtLeast(days(500))), 0.2);
    let both = {
        let mut both = Categories::default();
        both.insert(Category::Identity);
        both.insert(Category::Travel);
        both
    };
    let shipped = shipped();
    let fastest = Standing { categories: both, ..of(None, Tenure::AtLeast(Span::ZERO)) };
    assert_eq!(chance(&shipped, &fastest, 365), 0.705, "that of travel");
    assert_eq!(shipped.key(&fastest, days(365)), Key::Kind(Kind::Semantic, Some(Category::Travel)));
}

#[test]
fn the_shipped_table_lists_what_the_importer_tells_of_and_says_where_each_curve_is_from() {
    let table = shipped();
    let listed: Vec<&str> = table.attributes().collect();
    let rules = std::fs::read_to_string(file("src/import/labels.toml")).unwrap();
    let known = rules.split("[[attribute]]").skip(1).filter_map(|rule| rule.split('"').nth(1));
    for name in known.chain(["*", "position", "team", "party", "membership"]) {
        assert!(listed.contains(&name), "{name}");
    }
    let text = table.to_toml();
    let without = text.split("\n[[").skip(1).filter(|curve| !curve.contains("\nsource = \"")).count();
    assert_eq!(without, 0, "curves that do not say where they are from");
    assert!(text.len() < 65_536 && text.contains("[made]\n"), "{} bytes", text.len());
    assert_eq!(text, std::fs::read_to_string(file("policies/survival.toml")).unwrap(), "it is written by the program");
    // What was set by hand is what the program has.
    let by_hand = SurvivalTable::by_hand();
    for name in by_hand.attributes() {
        assert!(
            [30, 365, 3_650]
                .iter()
                .all(|after| chance(&table, &unknown(name), *after) == chance(&by_hand, &unknown(name), *after)),
            "{name}"
        );
    }
    assert_eq!(chance(&table, &unknown("birthplace"), 99_999), 1.0);
}

// Fitting.

fn ended(attribute: &str, tenure: i64, after: i64) -> Watched {
    let outcome = Outcome::Ended { after: days(after) };
    Watched { attribute: attribute.into(), tenure: Tenure::Known(days(tenure)), weight: 1.0, outcome }
}

fn fit(watched: &[Watched]) -> SurvivalTable {
    let table = Fit::default().table(watched, &SurvivalTable::by_hand());
    assert_eq!(SurvivalTable::from_toml(&table.to_toml()).as_ref(), Ok(&table), "what is fitted can be read");
    table
}

/// Made-up facts: whoever is not in the third place ends at a rate of so much a year.
fn lives(random: &mut SplitMix64, attribute: &str, rate: f64, count: usize) -> Vec<Watched> {
    let life = |_| {
        let uniform = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
        ended(attribute, 0, (-(1.0 - uniform).ln() / rate * 365.0) as i64 + 1)
    };
    (0..count).map(life).collect()
}

#[test]
fn many_facts_give_the_rate_at_which_they_change() {
    let mut random = SplitMix64(1);
    let mut watched = lives(&mut random, "slow", 0.1, 4_000);
    watched.extend(lives(&mut random, "fast", 1.0, 4_000));
    let table = fit(&watched);
    for (name, rate) in [("slow", 0.1_f64), ("fast", 1.0)] {
        for after in [90, 365, 1_095] {
            let expected = (-rate * after as f64 / 365.0).exp();
            for tenure in [Tenure::Known(Span::ZERO), Tenure::AtLeast(Span::ZERO)] {
                let chance = chance(&table, &of(Some(name), tenure), after);
                assert!((chance - expected).abs() < 0.02, "{name}, {after} days: {chance} for {expected}");
            }
        }
    }
    // Whoever is unheard of is somewhere in between, and both count the same for it, however many of them there are.
    let middle = chance(&table, &unknown("unheard of"), 365);
    assert!((0.55..0.75).contains(&middle), "{middle}");
}

#[test]
fn what_still_held_when_it_was_last_seen_slows_a_curve() {
    let seen = |until: i64| Watched { outcome: Outcome::Held { until: days(until) }, ..ended("a", 0, 1) };
    let mut watched = vec![ended("a", 0, 200); 10];
    let before = chance(&fit(&watched), &unknown("a"), 365);
    watched.extend(vec![seen(4_000); 30]);
    let after = chance(&fit(&watched), &unknown("a"), 365);
    assert!(before < 0.4 && after > 0.6, "{before}, {after}");
}

#[test]
fn nothing_watched_gives_what_was_set_by_hand() {
    let (table, by_hand) = (fit(&[]), SurvivalTable::by_hand());
    assert_eq!(table.attributes().collect::<Vec<_>>(), ["*"]);
    for after in [0, 30, 365, 1_825, 7_300] {
        let expected = chance(&by_hand, &of(None, Tenure::AtLeast(Span::ZERO)), after);
        for tenure in [Tenure::Known(days(700)), Tenure::AtLeast(Span::ZERO)] {
            assert!((chance(&table, &of(Some("any"), tenure), after) - expected).abs() < 0.001, "{after}");
        }
        let travel =
            Standing { categories: Categories::default(), kind: Kind::Episodic, ..of(None, Tenure::Known(days(3))) };
        assert_eq!(table.chance(&travel, days(after)), by_hand.chance(&travel, days(after)));
    }
}

#[test]
fn the_fewer_facts_of_an_attribute_the_nearer_it_stays_to_all_others() {
    let mut random = SplitMix64(2);
    let mut others: Vec<Watched> =
        (0..10).flat_map(|number| lives(&mut random, &format!("other{number}"), 0.2, 200)).collect();
    let pooled = chance(&fit(&others), &unknown("few"), 365);
    let mut before = pooled;
    for count in [1, 4, 16, 64] {
        let added = lives(&mut random, "few", 2.0, count);
        others.extend(added);
        let now = chance(&fit(&others), &unknown("few"), 365);
        assert!(now < before, "{count}: {now} after {before}");
        before = now;
    }
    assert!(before < 0.3 && pooled > 0.75, "{before}, {pooled}");
}

#[test]
fn a_fact_watched_twice_at_half_the_weight_counts_once() {
    let whole = [ended("a", 100, 50), ended("b", 3, 700)];
    let halves: Vec<Watched> = whole
        .iter()
        .flat_map(|one| [Watched { weight: 0.5, ..one.clone() }, Watched { weight: 0.5, ..one.clone() }])
        .collect();
    assert_eq!(fit(&halves), fit(&whole));
    let nothing = [0.0, -1.0, f64::NAN, f64::INFINITY].map(|weight| Watched { weight, ..whole[0].clone() });
    assert_eq!(fit(&nothing), fit(&[]));
}

/// Asked about after three years, and changed at an unknown time before or not.
#[test]
fn changes_at_an_unknown_time_are_spread_over_the_time_before_the_question() {
    let mut random = SplitMix64(3);
    let (mut exact, mut asked) = (vec![], vec![]);
    for one in lives(&mut random, "a", 0.5, 3_000) {
        let Outcome::Ended { after } = one.outcome else { unreachable!() };
        let asked_after = days([90, 365, 1_095][(random.next() % 3) as usize]);
        let outcome = if after < asked_after {
            Outcome::EndedBefore { asked_after }
        } else {
            Outcome::Held { until: asked_after }
        };
        asked.push(Watched { tenure: Tenure::AtLeast(Span::ZERO), outcome, ..one.clone() });
        exact.push(one);
    }
    let (exact, asked) = (fit(&exact), fit(&asked));
    for after in [30, 90, 180, 365, 730, 1_095] {
        let [exact, asked] = [&exact, &asked].map(|table| chance(table, &unknown("a"), after));
        // Between two questions there is nothing to go by.
        let near = if [90, 365, 1_095].contains(&after) { 0.03 } else { 0.08 };
        assert!((exact - asked).abs() < near, "{after} days: {asked} for {exact}");
    }
    // With no other curve to go by, all tenures fade as the one that was watched.
    assert!((chance(&asked, &of(Some("a"), Tenure::Known(days(10))), 365) - (-0.5_f64).exp()).abs() < 0.1);
}

#[test]
fn attributes_that_no_label_can_have_and_the_rarest_of_very_many_are_read_as_all_others() {
    let mut watched: Vec<Watched> = (0..1_005).map(|number| ended(&format!("a{number:04}"), 0, 100)).collect();
    watched.push(ended("a0000", 0, 90));
    watched.extend(["", "line\nfeed", "*"].map(|name| ended(name, 0, 100)));
    let table = fit(&watched);
    let narrow = Fit { shape: Shape { steps: vec![], tenures: vec![] }, ..Fit::default() };
    assert_eq!(narrow.table(&watched, &shipped()).attributes().count(), 1_000);
    let text = table.to_toml();
    assert!(text.len() < 4 << 20 && (500..1_000).contains(&table.attributes().count()), "{} bytes", text.len());
    let listed: Vec<&str> = table.attributes().collect();
    assert!(listed[0] == "*" && listed.contains(&"a0000") && !listed.contains(&"a1004"));
}

#[test]
fn a_shape_is_brought_in_order() {
    let shape = Shape {
        steps: vec![days(30), days(-1), days(30), days(7), Span::from_millis(1)],
        tenures: (0..200).rev().map(days).collect(),
    };
    let table = Fit { shape, strength: f64::NAN, most_of_one: f64::NAN }.table(&[ended("a", 0, 9)], &shipped());
    assert_eq!(table.shape().steps, [Span::ZERO, days(7), days(30)]);
    assert_eq!(table.shape().tenures, (0..64).map(days).collect::<Vec<_>>());
    assert_eq!(SurvivalTable::from_toml(&table.to_toml()), Ok(table));
}

fn any_watched() -> impl Strategy<Value = Watched> {
    let span = || prop_oneof![-10i64..10, 0i64..20_000].prop_map(days);
    let tenure = (any::<bool>(), span())
        .prop_map(|(known, span)| if known { Tenure::Known(span) } else { Tenure::AtLeast(span) });
    let outcome = (0..3, span()).prop_map(|(kind, span)| match kind {
        0 => Outcome::Ended { after: span },
        1 => Outcome::EndedBefore { asked_after: span },
        _ => Outcome::Held { until: span },
    });
    ("[ab*]", tenure, prop_oneof![0.01..2.0f64, Just(1e9), Just(1e300)], outcome)
        .prop_map(|(attribute, tenure, weight, outcome)| Watched { attribute, tenure, weight, outcome })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// `fit` reads back what it wrote, which a table that rises would not survive.
    #[test]
    fn whatever_was_watched_no_chance_rises_and_the_order_makes_no_difference(
        watched in prop::collection::vec(any_watched(), 0..40),
        turn in 0usize..40,
    ) {
        let table = fit(&watched);
        let mut other = watched.clone();
        other.rotate_left(turn.min(watched.len()));
        other.reverse();
        prop_assert_eq!(fit(&other), table);
    }
}

// One person.

fn lived(attribute: Option<&str>, after: i64, changed: bool) -> Experience {
    let (kind, tenure) = (Kind::Semantic, Tenure::AtLeast(Span::ZERO));
    Experience {
        attribute: attribute.map(str::to_owned),
        kind,
        categories: Categories::default(),
        tenure,
        after: days(after),
        changed,
    }
}

/// Where the chances of two tables are compared: some listed attributes, one that is not, and rows without any.
fn standings() -> Vec<Standing<'static>> {
    let attributes = [None, Some("employer"), Some("residence"), Some("birthplace"), Some("unheard of")];
    let of = |attribute| [Tenure::Known(days(400)), Tenure::AtLeast(Span::ZERO)].map(|tenure| of(attribute, tenure));
    let mut travel = Categories::default();
    travel.insert(Category::Travel);
    travel.insert(Category::Health);
    let plain = attributes.into_iter().flat_map(of);
    let more = plain.clone().map(|of| Standing { kind: Kind::Episodic, categories: travel, ..of });
    plain.chain(more).collect()
}

fn any_experience() -> impl Strategy<Value = Experience> {
    let attribute = prop_oneof![Just(None), Just(Some("employer")), Just(Some("residence")), Just(Some("unheard of"))];
    (attribute, -5i64..12_000, any::<bool>(), any::<bool>()).prop_map(|(attribute, after, changed, known)| Experience {
        tenure: if known { Tenure::Known(days(400)) } else { Tenure::AtLeast(days(3)) },
        ..lived(attribute, after, changed)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn five_experiences_whatever_they_say_give_no_wild_table(
        five in prop::collection::vec(any_experience(), 0..=5),
        after in 0i64..9_000,
    ) {
        let table = shipped();
        let shifts = table.shifts(&five);
        let factors = || shifts.each().iter().map(|shift| shift.factor).chain([shifts.overall()]);
        prop_assert!(factors().all(|factor| (8.0 / 13.0 - 1e-9..=1.7227).contains(&factor)), "{:?}", shifts);
        let personal = table.shifted(&shifts);
        prop_assert!(SurvivalTable::from_toml(&personal.to_toml()).as_ref() == Ok(&personal));
        for of in standings() {
            for after in [30, after] {
                let (old, new) = (chance(&table, &of, after), chance(&personal, &of, after));
                // Both are read to half a hundredth, so each may be off by half of that.
                let (least, most) = ((old - 0.0026).max(0.0).powf(1.7227), (old + 0.0026).min(1.0).powf(8.0 / 13.0));
                prop_assert!((least - 0.0026..=most + 0.0026).contains(&new), "{} {}", old, new);
            }
            prop_assert_eq!(table.chance_shifted(&of, days(after), &shifts), personal.chance(&of, days(after)));
        }
        let mut reversed = five.clone();
        reversed.reverse();
        prop_assert_eq!(table.shifts(&reversed), shifts);
    }
}

#[test]
fn twenty_confirmations_slow_a_curve_and_twenty_changes_speed_it_and_the_others_follow_somewhat() {
    let table = shipped();
    for (changed, direction) in [(false, 1.0), (true, -1.0)] {
        let (personal, shifts) = table.personal(&vec![lived(Some("employer"), 365, changed); 20]);
        let moved = |attribute| {
            let of = unknown(attribute);
            direction * (chance(&personal, &of, 365) - chance(&table, &of, 365))
        };
        assert!(moved("employer") > 0.02 && moved("residence") > 0.01, "{} {}", moved("employer"), moved("residence"));
        let [shift] = shifts.as_slice() else { panic!("{shifts:?}") };
        assert_eq!(shift.of, Key::Attribute("employer".to_owned()));
        assert_eq!([shift.confirmed, shift.changed], if changed { [0, 20] } else { [20, 0] });
        assert!(direction * (1.0 - shift.factor) > 0.1, "{shift:?}");
        assert_eq!(table.shifts(&[]).factor(&shift.of), 1.0);
        assert_eq!(
            table.shifts(&vec![lived(Some("employer"), 365, changed); 20]).factor(&Key::Attribute("pet".into())),
            table.shifts(&vec![lived(Some("employer"), 365, changed); 20]).overall()
        );
    }
}

#[test]
fn without_any_experience_a_person_has_the_table_as_it_is() {
    assert_eq!(shipped().personal(&[]), (shipped(), vec![]));
}

/// Confirmed after a year, denied a minute later: one change, and next to no time in which it was expected.
#[test]
fn two_earnings_a_minute_apart_that_contradict_each_other_move_little() {
    let table = shipped();
    let minute = Experience { after: Span::minutes(1).unwrap(), ..lived(Some("employer"), 0, true) };
    let (_, shifts) = table.personal(&[lived(Some("employer"), 365, false), minute]);
    let [shift] = shifts.as_slice() else { panic!("{shifts:?}") };
    assert_eq!((shift.confirmed, shift.changed), (1, 1));
    assert!((0.9..1.13).contains(&shift.factor), "{shift:?}");
    // A confirmation again at once says nothing.
    let at_once = lived(Some("employer"), 0, false);
    let shifts = table.shifts(&vec![at_once; 1_000]);
    assert_eq!((shifts.overall(), shifts.each()[0].expected), (1.0, 0.0));
}

/// What changes as the table says leaves it where it is, whether it is asked about soon or late.
#[test]
fn a_person_whose_rows_change_as_the_table_says_keeps_it() {
    let (table, mut random) = (shipped(), SplitMix64(4));
    for after in [60, 365, 1_460, 5_475] {
        let held = table.chance(&unknown("employer"), days(after));
        let lived: Vec<Experience> =
            (0..4_000).map(|_| lived(Some("employer"), after, random.relevance() > held)).collect();
        let shifts: Shifts = table.shifts(&lived);
        assert!((0.9..1.1).contains(&shifts.overall()), "after {after} days: {shifts:?}");
    }
}

#[test]
fn what_never_changes_stays_so_whatever_somebody_says() {
    let table = shipped();
    let (personal, _) = table.personal(&vec![lived(Some("birthplace"), 1, true); 50]);
    assert_eq!(personal.chance(&unknown("birthplace"), days(9_000)), Score::ONE);
}
