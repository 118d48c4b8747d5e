/** The socket calls of libc that several kinds of socket share (socket(2), bind(2), setsockopt(2), sendto(2), recv(2)). */
import { bindFunction } from './libc.js';

/** A descriptor, or -1 with errno. */
export const socketCall = bindFunction<(domain: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
);

/** 0, or -1 with errno. */
export const bindCall = bindFunction<(fd: number, address: Uint8Array, length: number) => number>(
  'int bind(int fd, const void *address, uint32_t length)',
);

/** 0, or -1 with errno. */
export const setsockoptCall = bindFunction<
  (fd: number, level: number, name: number, value: Uint8Array | Int32Array, length: number) => number
>('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');

/** Bytes sent, or -1 with errno. */
export const sendtoCall = bindFunction<
  (fd: number, bytes: Uint8Array, length: number, flags: number, to: Uint8Array, toLength: number) => number
>('intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, uint32_t to_length)');

/** Bytes read, 0 at the end, or -1 with errno. */
export const recvCall = bindFunction<
  (fd: number, bytes: Uint8Array, length: number, flags: number) => number
>('intptr_t recv(int fd, _Out_ void *bytes, size_t length, int flags)');
