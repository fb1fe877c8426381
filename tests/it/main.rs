//! Tests of the public interface, one module per thing that a user would notice.

mod formats;
mod gate;
mod openssl;
mod primitives;
mod second;
mod structure;
mod support;
mod vault;
