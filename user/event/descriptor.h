/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * descriptor.h - swtch.proto as protoc compiled it: a FileDescriptorSet, which a recording carries so
 * that readers of Perfetto traces know what is ours in it. Constant; any thread.
 */
#ifndef SWTCH_DESCRIPTOR_H
#define SWTCH_DESCRIPTOR_H

#include <stdint.h>

extern const unsigned char swtch_descriptor[];
extern const uint32_t swtch_descriptor_size; /* bytes */

#endif
