// oneDNN behind a few functions: no oneDNN type in this header, so that versions 2 and 3 look alike.
//
// Every call runs on one thread, the caller's. Layouts: maps [n, h, w, c]; convolution kernels [kh, kw, in, out].
// Functions that return int give 0 on success and oneDNN's status otherwise.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Which of a convolution's three products a plan computes.
typedef enum {
  onednn_convolution_forward = 0,
  onednn_convolution_backward_input = 1,
  onednn_convolution_backward_weight = 2,
} onednn_convolution_kind;

/// Extents of a convolution, in cells and channels.
typedef struct {
  int32_t images, height, width, input_channels, output_channels;
  int32_t kernel_height, kernel_width, stride, padding;
  int32_t has_bias;  // forward alone
  int32_t bfloat16;  // whether what is read is bfloat16; what is written is float32 all the same
} onednn_convolution_shape;

typedef struct onednn_plan onednn_plan;

/// A plan for this product and shape, made once a process and kept. Null where oneDNN has none; *status says why.
const onednn_plan *onednn_convolution_plan(onednn_convolution_kind kind, onednn_convolution_shape shape, int *status);

/// Floats whose room the kernel takes in the order and precision that the plan prefers.
size_t onednn_packed_count(const onednn_plan *plan);
/// Whether the packed orders of two plans are the same.
int onednn_same_packing(const onednn_plan *left, const onednn_plan *right);
/// [kh, kw, in, out] to the plan's order and precision, and back.
int onednn_pack(const onednn_plan *plan, const float *weight, float *packed);
int onednn_unpack(const onednn_plan *plan, const float *packed, float *weight);

/// Executes a plan. forward: source, packed, bias → destination; backward input: destination (gradient), packed →
/// source; backward weight: source, destination (gradient) → packed. Maps that are read are of the plan's precision.
int onednn_convolve(const onednn_plan *plan, void *source, float *packed, const float *bias, void *destination);

/// c = op(a)·op(b), row-major; op transposes where asked. accumulate: c += instead.
int onednn_multiply(
  int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t a_stride, const float *b,
  int64_t b_stride, int accumulate, float *c, int64_t c_stride);

/// Keeps oneDNN on one thread when called from this thread.
void onednn_use_caller_thread_only(void);

/// "2.6.3"; the string is static.
const char *onednn_version_text(void);
/// Whether oneDNN multiplies bfloat16 by the processor's own instructions.
int onednn_has_bfloat16(void);
/// Whether it does so by AMX.
int onednn_has_amx(void);
/// The instruction set that oneDNN dispatches to, such as "avx512_core_bf16", or its number in hexadecimal; this thread's.
const char *onednn_instruction_set(void);
