int unroll_placeholder(void);
