/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.h - what a process occupies (proc(5)); arrays that grow, mappings given back. */
#ifndef SWTCH_MEMORY_H
#define SWTCH_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/* Of the kernel for each task: THREAD_SIZE on x86-64 and arm64. */
#define KERNEL_STACK_BYTES (16u << 10)

struct memory {
	uint64_t pss_bytes;   /* proportional set size: what is shared is divided by its users */
	uint64_t anon_bytes;  /* the part of it that no file backs: heap, stacks, copied pages */
	uint64_t table_bytes; /* page tables */
};

/*
 * Add what a process occupies (smaps_rollup: Pss, Pss_Anon; status: VmPTE). Needs the process's
 * user or CAP_SYS_PTRACE. 0, or -errno when it cannot be read (it may be gone); then nothing is
 * added.
 */
int memory_add(pid_t pid, struct memory *memory);

/* Bytes that programs may still have without swapping (meminfo: MemAvailable). UINT64_MAX: not told. */
uint64_t memory_available(void);

/* realloc() of the array that `array` is the address of, to n elements of `size` bytes. 0 or -ENOMEM. */
int memory_grow(void *array, size_t n, size_t size);

/* munmap(), which takes no const, of what may be NULL or MAP_FAILED as well. */
void memory_unmap(const void *memory, size_t size);

#endif
