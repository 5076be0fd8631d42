// SPDX-License-Identifier: GPL-2.0-only
/* test_returns.c - returns found in machine code, and code that is not understood refused. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/image.h"
#include "keeper/returns.h"

#define N(code) (sizeof(code) - 1)

static struct returns returns;

static int find(const char *code, size_t size)
{
	return returns_find(EM_X86_64, (const uint8_t *)code, size, &returns);
}

static void test_return_bytes_within_instructions_are_none(void **state)
{
	/* push rbx; mov eax, 0xc3c3c3c3; mov rbx, [rsp+rax*8-0x3d]; lea rax, [rip-0x3c3c3c3d];
	 * movabs rcx, ...; test bl, 0xc3; add word [rbx], 0xc3c3; je to the second return; pop rbx;
	 * ret; nopw 0x0(rax, rax); pop rbx; repz ret */
	static const char code[] = "\x53"
				   "\xb8\xc3\xc3\xc3\xc3"
				   "\x48\x8b\x5c\xc4\xc3"
				   "\x48\x8d\x05\xc3\xc3\xc3\xc3"
				   "\x48\xb9\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3"
				   "\xf6\xc3\xc3"
				   "\x66\x81\x03\xc3\xc3"
				   "\x0f\x84\x08\x00\x00\x00"
				   "\x5b"
				   "\xc3"
				   "\x66\x0f\x1f\x44\x00\x00"
				   "\x5b"
				   "\xf3\xc3";

	(void)state;
	assert_int_equal(find(code, N(code)), 0);
	assert_int_equal(returns.n, 2);
	assert_int_equal(returns.at[0], 43);
	assert_int_equal(returns.at[1], N(code) - 2);
	assert_int_equal(returns.onward, 0);
}

static void test_code_that_is_not_understood_is_refused(void **state)
{
	static const char whole[] = "\x53\xb8\x01\x00\x00\x00\xeb\x01\x5b\xc3";
	static const char inside[] = "\xeb\x01\xb8\x01\x00\x00\x00\xc3"; /* jumps into its mov */
	static const char vector[] = "\xc5\xf8\x77\xc3";		 /* vzeroupper */

	(void)state;
	assert_int_equal(find(whole, N(whole)), 0);
	for (size_t size = 1; size < N(whole); size++) /* cut anywhere it may not find the end */
		if (!find(whole, size))
			assert_int_equal(returns.n, 0);
	assert_int_equal(find(inside, N(inside)), -EINVAL);
	assert_int_equal(find(vector, N(vector)), -EINVAL);
	assert_int_equal(find("\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3", 9), -E2BIG);
	assert_int_equal(find("", 0), -EINVAL);
	assert_int_equal(returns_find(EM_RISCV, (const uint8_t *)whole, N(whole), &returns),
			 -EINVAL);
}

static void test_random_bytes_are_read_within_bounds(void **state)
{
	(void)state;
	srand(9);
	for (unsigned i = 0; i < 20000; i++) {
		size_t size = (size_t)rand() % 64 + 1;
		uint8_t *code = malloc(size); /* so that the sanitizer sees one byte too many */

		assert_non_null(code);
		for (size_t at = 0; at < size; at++)
			code[at] = (uint8_t)rand();
		returns_find(i % 4 ? EM_X86_64 : EM_AARCH64, code, size, &returns);
		for (unsigned j = 0; j < returns.n; j++)
			assert_true(returns.at[j] < size);
		free(code);
	}
}

static void test_jump_at_the_end_leads_onward(void **state)
{
	/* xor ecx, ecx; xor edx, edx; jmp 0x200 further; and one that jumps to two places. */
	static const char code[] = "\x31\xc9\x31\xd2\xe9\x00\x02\x00\x00";
	static const char two[] = "\x0f\x84\x00\x01\x00\x00\xe9\x00\x02\x00\x00";

	(void)state;
	assert_int_equal(find(code, N(code)), 0);
	assert_int_equal(returns.n, 0);
	assert_int_equal(returns.onward, 0x209);
	assert_int_equal(find(two, N(two)), 0);
	assert_int_equal(returns.onward, 0);
}

/* Up to the first instruction that the kernel does itself, if all before leaves rdi and rsp alone. */
static void test_entry_is_where_each_call_comes_by_once(void **state)
{
	static const struct {
		const char *code;
		size_t size;
		uint32_t entry;
	} cases[] = {
#define CASE(code, entry) { code, N(code), entry }
		/* push rbx; ret */
		CASE("\x53\xc3", 0),
		/* endbr64; mov rcx, [rdi+8]; test rax, rax; je +1; nop; ret */
		CASE("\xf3\x0f\x1e\xfa\x48\x8b\x4f\x08\x48\x85\xc0\x74\x01\x90\xc3", 11),
		/* mov r15, [rdi] (as rdi, but for REX); cmp dword [rdi], 0; jne +0; ret */
		CASE("\x4c\x8b\x3f\x83\x3f\x00\x75\x00\xc3", 6),
		/* mov rdi, rsi; push rbx; ret: another argument then */
		CASE("\x48\x89\xf7\x53\xc3", 0),
		/* mov rdi, [rsi]; push rbx; ret */
		CASE("\x48\x8b\x3e\x53\xc3", 0),
		/* sub rsp, 8; je +0; ret: another stack */
		CASE("\x48\x83\xec\x08\x74\x00\xc3", 0),
		/* xor ecx, ecx; test eax, eax; jne to the test; ret: a loop */
		CASE("\x31\xc9\x85\xc0\x75\xfc\xc3", 0),
		/* xor ecx, ecx; ret */
		CASE("\x31\xc9\xc3", 0),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(find(cases[i].code, cases[i].size), 0);
		assert_int_equal(returns.entry, cases[i].entry);
	}
}

static void test_arm_returns_and_jumps_are_found(void **state)
{
	/* mov x0, #1; cbz x1, to the end; ret; b -8; retaa; b 0x1000 before */
	static const uint32_t code[] = { 0xd2800020, 0xb40000a1, 0xd65f03c0,
					 0x17fffffe, 0xd65f0bff, 0x17fffbfb };

	(void)state;
	assert_int_equal(returns_find(EM_AARCH64, (const uint8_t *)code, sizeof(code), &returns),
			 0);
	assert_int_equal(returns.n, 2);
	assert_int_equal(returns.at[0], 8);
	assert_int_equal(returns.at[1], 16);
	assert_int_equal(returns.onward, 20 - 0x1014);
	assert_int_equal(returns_find(EM_AARCH64, (const uint8_t *)code, 7, &returns), -EINVAL);
}

/* This program's own, as the linker laid it out. */
int test_returns_exported(int a);
__attribute__((noinline)) int test_returns_exported(int a)
{
	return a * 3 + 1;
}
int (*volatile test_returns_pointer)(int) = test_returns_exported;

static void test_image_of_this_program_has_its_functions(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct image *image = image_open(fd);
	struct image_part part;
	uint64_t base, function;
	Elf64_Ehdr header;

	(void)state;
	assert_non_null(image);
	/* Where it is loaded: what is behind its header in memory is in the file, too. */
	assert_true(image_read(image, 0, &header, sizeof(header)));
	base = (uint64_t)(uintptr_t)&test_returns_pointer;
	for (base &= ~0xfffull; memcmp((const void *)(uintptr_t)base, ELFMAG, SELFMAG) != 0;)
		base -= 0x1000;
	assert_int_equal(image_read_relocations(image), 0);
	function = image_pointer(image, (uint64_t)(uintptr_t)&test_returns_pointer - base);
	assert_int_equal(function, (uint64_t)(uintptr_t)test_returns_pointer - base);
	assert_true(image_part(image, function, &part));
	assert_true(part.is_code);
	assert_true(image_function_bytes(image, function) > 0);
	assert_int_equal(image_function_bytes(image, function + 1), 0);
	assert_false(image_read(image, UINT64_MAX - 3, &header, sizeof(header)));
	image_close(image);
	close(fd);
}

/* Cut and spoilt files are refused, or say something: within bounds. */
static void test_image_that_is_spoilt_does_no_harm(void **state)
{
	static const char *const names[] = { "swtch_mark_create", "main" };
	static char bytes[65536];
	int whole = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), fd = memfd_create("spoilt", 0);
	ssize_t size = read(whole, bytes, sizeof(bytes));
	uint64_t addresses[2];

	(void)state;
	srand(4);
	for (unsigned i = 0; i < 300; i++) {
		struct image *image;
		char *byte = &bytes[rand() % (i % 2 ? 2048 : size)], old = *byte;

		*byte = (char)rand();
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, bytes, (size_t)(i % 3 ? size : rand() % size), 0) >= 0,
				 1);
		*byte = old;
		image = image_open(fd);
		if (!image)
			continue;
		image_symbols(image, names, 2, addresses);
		image_read_relocations(image);
		image_pointer(image, addresses[1] + 64);
		image_function_bytes(image, addresses[1]);
		image_close(image);
	}
	close(fd);
	close(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_return_bytes_within_instructions_are_none),
		cmocka_unit_test(test_code_that_is_not_understood_is_refused),
		cmocka_unit_test(test_random_bytes_are_read_within_bounds),
		cmocka_unit_test(test_jump_at_the_end_leads_onward),
		cmocka_unit_test(test_entry_is_where_each_call_comes_by_once),
		cmocka_unit_test(test_arm_returns_and_jumps_are_found),
		cmocka_unit_test(test_image_of_this_program_has_its_functions),
		cmocka_unit_test(test_image_that_is_spoilt_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
