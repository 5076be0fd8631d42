/* SPDX-License-Identifier: GPL-2.0-only */
/* html_page.S - see html_page.h. The scripts are one after the other, main.js last. */
	.section .rodata
	.globl html_page_style, html_page_script
html_page_style:
	.incbin "sink/page/page.css"
	.byte 0
html_page_script:
	.incbin "sink/page/data.js"
	.incbin "sink/page/words.js"
	.incbin "sink/page/rows.js"
	.incbin "sink/page/draw.js"
	.incbin "sink/page/report.js"
	.incbin "sink/page/main.js"
	.byte 0
	.section .note.GNU-stack, "", @progbits
