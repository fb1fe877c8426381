//! Where each function is named. Rhai's tree keeps only where its body begins, so names are read from the tokens of the same text.

use rhai::{Engine, Position, Token};

/// The name of each function and its place, in the order of a text that Rhai has parsed.
pub(super) fn functions(engine: &Engine, source: &str) -> Vec<(String, Position)> {
    let inputs = [source];
    let (tokens, _control) = engine.lex(&inputs);
    let tokens: Vec<(Token, Position)> = tokens.take_while(|(token, _)| !matches!(token, Token::EOF)).collect();
    let pairs = tokens.windows(2).filter_map(|pair| match pair {
        [(Token::Fn, _), (Token::Identifier(name), at)] => Some((name.to_string(), *at)),
        _ => None,
    });
    pairs.collect()
}
