/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - what processes and threads have in common: the kernel switches them, and they wait in
 * it. Rows of struct executor; only the task itself may call.
 */
#ifndef SWTCH_LAB_KERNEL_H
#define SWTCH_LAB_KERNEL_H

#include "lab/executor.h"

void kernel_yield(struct task *self);
void kernel_sleep(struct task *self, uint64_t until_ns);
void kernel_nap(struct task *self, uint64_t until_ns);
void kernel_poke(const struct lab *lab);
void kernel_lock(struct task *self);
void kernel_unlock(struct task *self);
ssize_t kernel_read(struct task *self, int fd, void *bytes, size_t n);
ssize_t kernel_write(struct task *self, int fd, const void *bytes, size_t n);
int kernel_accept(struct task *self, int fd);
void kernel_close(struct task *self, int fd);

#endif
