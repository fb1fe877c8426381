//! stillgood
mod cbor;
mod evidence;
mod id;
mod keyfile;
mod note;
mod row;
mod score;
mod seal;
mod text;
mod time;
pub mod tree;
mod verdict;

pub use evidence::*;
pub use id::*;
pub use keyfile::KeyFileError;
pub use note::*;
pub use row::*;
pub use score::*;
pub use seal::*;
pub use time::*;
pub use verdict::*;
