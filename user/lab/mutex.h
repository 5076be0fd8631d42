/* SPDX-License-Identifier: GPL-2.0-only */
/* mutex.h - a mutex in memory that processes share. Who makes it destroys it. */
#ifndef SWTCH_LAB_MUTEX_H
#define SWTCH_LAB_MUTEX_H

#include <pthread.h>

/* 0 or -errno. */
static inline int mutex_init_shared(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;
	int err;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	err = pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	return -err;
}

#endif
