mod openssl;
mod primitives;
