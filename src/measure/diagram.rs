//! Pictures of a measurement, as SVG: no script, nothing fetched, readable on light and on dark.

mod svg;

use super::Measured;
use svg::{Axis, Picture};

/// Predicted against held: one point for each bin, as large as its rows are many, with the interval of the share that held.
pub fn reliability(method: &Measured, of: &str) -> String {
    let title = format!("{}: chance and what came of it", method.name);
    let note = format!(
        "{of}, {} rows; a circle for each bin, larger with more rows; bars: 95 %; on the line they agree",
        method.metrics.rows
    );
    let axes = [Axis { title: "chance to hold, as given" }, Axis { title: "share that held" }];
    let mut picture = Picture::new(&title, &note, &axes);
    picture.line(0, &[[0.0, 0.0], [1.0, 1.0]], true);
    let most = method.bins.iter().map(|(bin, _)| bin.rows).max().unwrap_or(1).max(1);
    for (bin, interval) in &method.bins {
        if let Some([low, high]) = interval {
            picture.bar(1, bin.chance, *low, *high);
        }
        picture.point(1, [bin.chance, bin.held], 3.0 + 5.0 * (bin.rows as f64 / most as f64).sqrt());
    }
    picture.finish()
}

/// What is stale among the rows left live, against the share asked about: one line for each method.
pub fn costs(methods: &[&Measured], of: &str) -> String {
    let axes = [Axis { title: "share asked about" }, Axis { title: "share of stale rows among those left live" }];
    let mut picture = Picture::new("what asking buys", &format!("{of}; lower is better"), &axes);
    for (place, method) in methods.iter().enumerate() {
        let points: Vec<[f64; 2]> = method.curve.iter().map(|[asked, leak, _]| [*asked, *leak]).collect();
        picture.line(place + 1, &points, false);
        picture.key(place + 1, &method.name);
    }
    picture.finish()
}

#[cfg(test)]
mod tests {
    use super::super::metrics::ranking::Bin;
    use super::super::metrics::ranking::Ranking;
    use super::*;

    fn measured(name: &str) -> Measured {
        let ranking = Ranking::new(&[0.1, 0.9], [(0, false), (1, true)].into_iter());
        let bins = vec![(Bin { chance: 0.25, held: 0.5, rows: 4 }, Some([0.4, 0.75]))];
        let (metrics, curve) = (ranking.metrics(), ranking.curve());
        Measured { name: name.into(), metrics, intervals: [None; 15], difference: None, bins, curve }
    }

    #[test]
    fn a_name_cannot_break_out_of_a_picture() {
        let hostile = "</text><script>alert(1)</script>&\"'\u{1b}\u{202e}";
        let pictures = [reliability(&measured(hostile), hostile), costs(&[&measured(hostile)], hostile)];
        for picture in pictures {
            assert!(!picture.contains("<script"), "{picture}");
            assert!(picture.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), "{picture}");
            assert!(!picture.contains(['\u{1b}', '\u{202e}']), "{picture}");
            assert!(!picture.contains("http://") || picture.matches("http").count() == 1, "its own namespace alone");
        }
    }

    #[test]
    fn a_bin_stands_where_its_chance_and_its_share_are() {
        let picture = reliability(&measured("ours"), "facts");
        // The plot is 400 wide and high, from (70, 60): a quarter to the right, half up.
        assert!(picture.contains(r#"<circle cx="170" cy="260" r="8""#), "{picture}");
        assert!(picture.contains(r#"<path d="M170 300V160""#), "{picture}");
        assert!(picture.contains("<path d=\"M70 460L470 60\""), "{picture}");
        for words in ["chance to hold, as given", "share that held", "facts, 2 rows"] {
            assert!(picture.contains(words), "{words}");
        }
    }

    #[test]
    fn there_is_a_line_and_a_name_for_each_method() {
        let picture = costs(&[&measured("ours"), &measured("theirs")], "facts");
        assert_eq!(picture.matches("<path class=\"line").count(), 2, "{picture}");
        assert!(picture.contains(">ours</text>") && picture.contains(">theirs</text>"));
    }
}
