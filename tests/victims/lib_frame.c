/*
 * A library function that calls back, with a frame of FRAME bytes and nothing in it. Built with another FRAME, all is at
 * the same place in the code.
 * link: -shared -fPIC
 * machine: x86_64
 */
#ifndef FRAME
#define FRAME 0x38
#endif
#define STRING(text)  STRING_(text)
#define STRING_(text) #text

__asm__(".globl call_back\n"
        ".type call_back, @function\n"
        "call_back:\n"
        ".cfi_startproc\n"
        "subq $" STRING(FRAME) ", %rsp\n"
                               ".cfi_adjust_cfa_offset " STRING(
                                   FRAME) "\n"
                                          "call *%rdi\n"
                                          "addq $" STRING(FRAME) ", %rsp\n"
                                                                 ".cfi_adjust_cfa_offset -" STRING(
                                                                     FRAME) "\n"
                                                                            "ret\n"
                                                                            ".cfi_endproc\n"
                                                                            ".size call_back, .-call_back\n");
