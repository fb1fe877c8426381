//! The labels of every `switch`. Rhai's tree keeps only their hashes, so they are read from the tokens of the same text.

use rhai::{Engine, Position, Token};

use super::{Label, Value};

/// For each `switch` of a text, by the position of that word: the labels of its arms. An arm without any is the rest, `_`.
pub(super) struct Labels(Vec<(Position, Vec<Arm>)>);

/// The labels of one arm; `None` where one of them is no text, whole number, `true` or `false`.
type Arm = Option<Vec<Label>>;

impl Labels {
    /// Of a text that Rhai has parsed.
    pub(super) fn of(engine: &Engine, source: &str) -> Self {
        let inputs = [source];
        let (tokens, _control) = engine.lex(&inputs);
        let tokens: Vec<(Token, Position)> = tokens.take_while(|(token, _)| !matches!(token, Token::EOF)).collect();
        let switches = tokens.iter().enumerate().filter(|(_, (token, _))| matches!(token, Token::Switch));
        Labels(
            switches
                .map(|(place, (_, position))| (*position, arms(tokens.get(place + 1..).unwrap_or_default())))
                .collect(),
        )
    }

    /// The arms of the `switch` at this position, in the order of the text.
    pub(super) fn at(&self, position: Position) -> &[Arm] {
        self.0.iter().find(|(at, _)| *at == position).map_or(&[], |(_, arms)| arms)
    }
}

/// The arms of a `switch`, from the tokens after that word.
fn arms(tokens: &[(Token, Position)]) -> Vec<Arm> {
    let mut arms = vec![];
    let mut depth = 0_usize;
    for (place, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::LeftBrace | Token::LeftParen | Token::LeftBracket | Token::MapStart => depth += 1,
            Token::RightBrace | Token::RightParen | Token::RightBracket => {
                depth = depth.saturating_sub(1);
                // What is switched on may stand in brackets; the arms end with their own brace.
                if depth == 0 && matches!(token, Token::RightBrace) {
                    break;
                }
            }
            Token::DoubleArrow if depth == 1 => arms.push(before(tokens.get(..place).unwrap_or_default())),
            _ => {}
        }
    }
    arms
}

/// The labels that end where these tokens do.
fn before(tokens: &[(Token, Position)]) -> Arm {
    let begin = tokens.iter().rposition(|(token, _)| !is_of_a_label(token)).map_or(0, |last| last + 1);
    let labels = tokens.get(begin..).unwrap_or_default();
    if let [(Token::Underscore, _)] = labels {
        return Some(vec![]);
    }
    labels.split(|(token, _)| matches!(token, Token::Pipe)).map(label).collect()
}

fn is_of_a_label(token: &Token) -> bool {
    use Token::{
        CharConstant, False, FloatConstant, IntegerConstant, Minus, Pipe, StringConstant, True, UnaryMinus, Underscore,
    };
    matches!(
        token,
        CharConstant(_)
            | False
            | FloatConstant(_)
            | IntegerConstant(_)
            | Minus
            | Pipe
            | StringConstant(_)
            | True
            | UnaryMinus
            | Underscore
    )
}

fn label(tokens: &[(Token, Position)]) -> Option<Label> {
    let (value, position) = match tokens {
        [(Token::StringConstant(text), at)] => (Value::Text(text.to_string()), at),
        [(Token::IntegerConstant(number), at)] => (Value::Int(*number), at),
        [(Token::UnaryMinus | Token::Minus, at), (Token::IntegerConstant(number), _)] => {
            (Value::Int(number.checked_neg()?), at)
        }
        [(Token::True, at)] => (Value::Bool(true), at),
        [(Token::False, at)] => (Value::Bool(false), at),
        _ => return None,
    };
    Some(Label { value, place: super::place(*position) })
}
