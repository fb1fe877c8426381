//! Tests of the public interface, one module per thing that a user would notice.

mod openssl;
mod primitives;
