// Inlined parts of the inner loops of several files.
#pragma once
#include "ckernels.h"

#include <string.h>

// Compiled for three instruction sets; the loader selects one. The thread sanitizer cannot run the selection.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_CLONES
#endif
#endif
#if defined(__x86_64__) && !defined(NO_CLONES)
#define CLONED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONED
#endif

#pragma clang fp contract(off)

// The updates of `count` elements, inlined into the instruction sets of their callers.
static inline __attribute__((always_inline)) void momentum_update(
  float *restrict w, float *restrict v, const float *restrict g, int64_t count, const kernel_momentum *rule) {
  // In Caffe's convention the learning rate is part of the velocity; in torch's it scales the velocity.
  const int caffe = rule->caffe, nesterov = rule->nesterov;
  const float decay = rule->weight_decay, momentum = rule->momentum;
  const float inner = caffe ? rule->learning_rate : rule->gradient_scale, outer = caffe ? 1 : rule->learning_rate;
  for (int64_t i = 0; i < count; i++) {
    const float gradient = g[i] + decay * w[i];
    const float before = v[i];
    const float velocity = momentum * before + inner * gradient;
    v[i] = velocity;
    const float ahead = caffe ? (1 + momentum) * velocity - momentum * before : gradient + momentum * velocity;
    w[i] -= outer * (nesterov ? ahead : velocity);
  }
}

static inline __attribute__((always_inline)) void adamw_update(
  float *restrict w, float *restrict m, float *restrict v, const float *restrict g, int64_t count,
  const kernel_adamw *rule) {
  const float kept = rule->kept, first_share = rule->first_share, second_kept = rule->second_kept;
  const float second_share = rule->second_share, correction = rule->correction;
  const float epsilon = rule->epsilon, step = rule->step;
  for (int64_t i = 0; i < count; i++) {
    const float gradient = g[i];
    const float first = m[i] + first_share * (gradient - m[i]);
    const float second = second_kept * v[i] + second_share * gradient * gradient;
    m[i] = first;
    v[i] = second;
    w[i] = kept * w[i] - step * first / (__builtin_elementwise_sqrt(second) / correction + epsilon);
  }
}

// The state from an element on; NULL stays NULL.
static inline __attribute__((always_inline)) float *state_at(float *state, int64_t at) {
  return state ? state + at : NULL;
}

static inline __attribute__((always_inline)) void update(
  float *w, float *first, float *second, const float *g, int64_t count, const kernel_rule *rule) {
  if (rule->kind == kernel_rule_adamw)
    adamw_update(w, first, second, g, count, &rule->adamw);
  else
    momentum_update(w, first, g, count, &rule->momentum);
}

// Rounded to nearest, ties to even; NaN stays NaN.
static inline __attribute__((always_inline)) uint16_t bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1)) >> 16;
  return (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded);
}

// Memory to prefetch while a block is computed: rows of 64-byte cache lines, `each` lines per turn, spread evenly.
typedef struct {
  const float *at[3];
  int64_t stride, shift, next, end, each;
} prefetch_plan;

// Plans `rows` rows of `columns` floats (a power of two, at least 16), `stride` apart, over `turns` turns, from each pointer
// that is not NULL; the first must not be.
static inline __attribute__((always_inline)) prefetch_plan prefetch_during(
  int64_t turns, const float *one, const float *two, const float *three, int64_t stride, int64_t columns,
  int64_t rows) {
  const int64_t lines = rows * (columns / 16);
  return (prefetch_plan){{one, two, three}, stride, __builtin_ctzll((uint64_t)columns / 16), 0, lines,
                    turns > 0 ? (lines + turns - 1) / turns : lines};
}

// Prefetches the lines of one turn.
static inline __attribute__((always_inline)) void prefetch(prefetch_plan *memory) {
  const int64_t wanted = memory->next + memory->each, end = wanted < memory->end ? wanted : memory->end;
  for (int64_t line = memory->next; line < end; line++) {
    const int64_t row = line >> memory->shift, at = row * memory->stride + (line - (row << memory->shift)) * 16;
    __builtin_prefetch(memory->at[0] + at, 1);
    if (memory->at[1]) __builtin_prefetch(memory->at[1] + at, 1);
    if (memory->at[2]) __builtin_prefetch(memory->at[2] + at, 1);
  }
  memory->next = end;
}
