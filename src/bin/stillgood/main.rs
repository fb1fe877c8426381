//! The `stillgood` program.
fn main() {}
