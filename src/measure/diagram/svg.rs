//! A square plot from 0 to 1 both ways, drawn with the few elements of SVG 1.1 that it needs.

use std::fmt::Write as _;

use crate::id::is_row_id;

const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;
const SIDE: f64 = 400.0;

/// What an axis says.
pub(super) struct Axis<'a> {
    pub(super) title: &'a str,
}

/// A picture that is being drawn.
pub(super) struct Picture {
    text: String,
    keys: usize,
}

/// Colours that are told apart with and without colour vision (Okabe and Ito, 2008); the first is for lines that only guide.
const STYLE: &str = "\
svg{color:#222;background:#fff;font:13px sans-serif}\
.c0{color:#888}.c1{color:#0072b2}.c2{color:#d55e00}.c3{color:#009e73}.c4{color:#cc79a7}.c5{color:#b58900}.c6{color:#56b4e9}\
.line{fill:none;stroke:currentColor;stroke-width:2}.guide{fill:none;stroke:currentColor;stroke-dasharray:4 4}\
.thin{fill:none;stroke:currentColor}text{fill:currentColor}\
@media (prefers-color-scheme:dark){svg{color:#ddd;background:#181818}.c1{color:#4aa3df}.c2{color:#ff8c42}}";

impl Picture {
    pub(super) fn new(title: &str, note: &str, [x, y]: &[Axis<'_>; 2]) -> Self {
        let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 530\" width=\"720\" height=\"530\" role=\"img\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n\
             <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n<text x=\"{LEFT}\" y=\"44\">{note}</text>\n\
             <path class=\"thin\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>\n",
            title = escaped(title),
            note = escaped(note),
        );
        for fifth in 0..=5 {
            let share = f64::from(fifth) / 5.0;
            let [at_x, at_y] = place([share, share]);
            let percent = format!("{}%", fifth * 20);
            writeln!(
                text,
                "<text x=\"{at_x}\" y=\"{}\" text-anchor=\"middle\">{percent}</text>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{percent}</text>",
                bottom + 20.0,
                LEFT - 8.0,
                at_y + 4.0,
            )
            .expect("writing to memory");
        }
        let middle = TOP + SIDE / 2.0;
        writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate(20 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            LEFT + SIDE / 2.0,
            bottom + 45.0,
            escaped(x.title),
            escaped(y.title),
        )
        .expect("writing to memory");
        Picture { text, keys: 0 }
    }

    /// Through these points, dashed where it only guides.
    pub(super) fn line(&mut self, colour: usize, points: &[[f64; 2]], guides: bool) {
        let path: Vec<String> = points.iter().map(|point| place(*point)).map(|[x, y]| format!("{x} {y}")).collect();
        let path = path.join("L");
        match guides {
            true => self.add(&format!("<path d=\"M{path}\" class=\"guide {}\"/>", class(colour))),
            false => self.add(&format!("<path class=\"line {}\" d=\"M{path}\"/>", class(colour))),
        }
    }

    pub(super) fn point(&mut self, colour: usize, at: [f64; 2], radius: f64) {
        let ([x, y], radius) = (place(at), rounded(radius));
        self.add(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" class=\"{}\" fill=\"currentColor\" fill-opacity=\"0.6\"/>",
            class(colour)
        ));
    }

    /// Upright, from one share to another.
    pub(super) fn bar(&mut self, colour: usize, x: f64, low: f64, high: f64) {
        let ([x, low], [_, high]) = (place([x, low]), place([x, high]));
        self.add(&format!("<path d=\"M{x} {low}V{high}\" class=\"thin {}\"/>", class(colour)));
    }

    /// What a colour stands for, beside the plot.
    pub(super) fn key(&mut self, colour: usize, name: &str) {
        let y = TOP + 10.0 + 22.0 * self.keys as f64;
        self.keys += 1;
        let x = LEFT + SIDE + 15.0;
        self.add(&format!(
            "<path d=\"M{x} {}h18\" class=\"line {}\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 4.0,
            class(colour),
            x + 24.0,
            escaped(name)
        ));
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn add(&mut self, element: &str) {
        self.text.push_str(element);
        self.text.push('\n');
    }
}

fn class(colour: usize) -> String {
    format!("c{}", if colour == 0 { 0 } else { (colour - 1) % 6 + 1 })
}

/// Where a point from 0 to 1 stands, to a tenth.
fn place([x, y]: [f64; 2]) -> [f64; 2] {
    let inside = |share: f64| share.clamp(0.0, 1.0);
    [rounded(LEFT + SIDE * inside(x)), rounded(TOP + SIDE * (1.0 - inside(y)))]
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// As text of XML, without characters that move the cursor or turn the direction of writing.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What an id may not hold hides, but for the space: there is one list of such characters.
            c if c != ' ' && !is_row_id(c.encode_utf8(&mut [0; 4])) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
