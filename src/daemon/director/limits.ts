/** Checks that run at the same time: a thousand silent servers do not keep the others waiting. */
export const CHECKS_AT_ONCE = 1000;
