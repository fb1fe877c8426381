//! For the bug of that name: `&&` and `||` that do not stop early.

use crate::policy::bug::{Bug, bug};
use crate::policy::typed::Node;

/// With the bug, every part of `&&` or `||` is evaluated before the first is looked at.
pub(super) fn all_first(parts: Vec<Node>, names: &mut usize) -> Vec<Node> {
    if !bug(Bug::NoShortCircuit) {
        return parts;
    }
    let first = *names;
    *names += parts.len();
    let mut values: Vec<Node> = (first..*names).map(Node::Local).collect();
    let bound = parts.into_iter().zip(first..).map(|(part, place)| Node::Let(place, Box::new(part)));
    let nodes: Vec<Node> = bound.chain([Node::Local(first)]).collect();
    values[0] = Node::Block(nodes.into());
    values
}
