/* SPDX-License-Identifier: GPL-2.0-only */
/* html_page.h - the files of user/sink/page/, within the program. Constant; any thread may call. */
#ifndef SWTCH_HTML_PAGE_H
#define SWTCH_HTML_PAGE_H

extern const char html_page_style[];  /* terminated; for a style element */
extern const char html_page_script[]; /* likewise, for a script element */

#endif
