#define _GNU_SOURCE
#include "onednn_shim.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t md_ref;
#else
typedef const dnnl_memory_desc_t *md_ref;
#endif

// The key of a plan.
typedef struct {
  int32_t kind;
  onednn_convolution_shape convolution;
} plan_key;

struct onednn_plan {
  plan_key key;
  dnnl_primitive_t primitive, pack, unpack;
  dnnl_primitive_desc_t description, forward;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_t plain;
#else
  dnnl_memory_desc_t plain_storage;
#endif
  md_ref source, destination, weight, bias, scratch;
  size_t scratch_bytes;
  struct onednn_plan *next;
};

// The engine and the plans of the process: created under a lock, never freed, as the number of shapes is small.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static dnnl_engine_t engine;
enum { buckets = 1024 };
static onednn_plan *plans[buckets];

// The memory objects of a primitive's last call: redirecting their pointers is cheaper than creating new ones.
typedef struct {
  dnnl_primitive_t primitive;
  int count;
  dnnl_exec_arg_t arguments[5];
} call;

// Each thread has its own stream, scratch memory and cached calls.
static __thread dnnl_stream_t stream;
static __thread void *scratch;
static __thread size_t scratch_size;
enum { cached_calls = 256 };
static __thread call *calls;
static pthread_key_t thread_end;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;

static void clear(call *made) {
  for (int i = 0; i < made->count; i++) dnnl_memory_destroy(made->arguments[i].memory);
  made->primitive = NULL;
  made->count = 0;
}

static void free_thread(void *value) {
  (void)value;
  free(scratch);
  for (int i = 0; calls && i < cached_calls; i++) clear(&calls[i]);
  free(calls);
  if (stream) dnnl_stream_destroy(stream);
  scratch = NULL;
  calls = NULL;
  stream = NULL;
  scratch_size = 0;
}
static void make_thread_end(void) { pthread_key_create(&thread_end, free_thread); }

static int ensure_stream(void) {
  if (stream) return 0;
  pthread_once(&thread_end_once, make_thread_end);
  pthread_setspecific(thread_end, &thread_end);
  if (!calls) calls = calloc(cached_calls, sizeof *calls);
  if (!calls) return dnnl_out_of_memory;
  return dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
}

static void *ensure_scratch(size_t bytes) {
  if (bytes > scratch_size) {
    free(scratch);
    scratch = NULL;
    scratch_size = 0;
    if (posix_memalign(&scratch, 64, bytes) != 0) return NULL;
    scratch_size = bytes;
  }
  return scratch;
}

static int64_t output_extent(int64_t padded, int64_t kernel, int64_t stride, int64_t dilation) {
  return (padded - dilation * (kernel - 1) - 1) / stride + 1;
}

static md_ref query(const_dnnl_primitive_desc_t description, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(description, what, 0);
}

static int make_reorder(dnnl_primitive_t *result, md_ref from, md_ref to) {
  dnnl_primitive_desc_t description;
  int status = dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, NULL);
  if (status) return status;
  status = dnnl_primitive_create(result, description);
  dnnl_primitive_desc_destroy(description);
  return status;
}

#if DNNL_VERSION_MAJOR >= 3
#define REF(md) (md)
static int make_md(
  dnnl_memory_desc_t *md, int count, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(md, count, dims, type, tag);
}
#else
#define REF(md) (&(md))
static int make_md(
  dnnl_memory_desc_t *md, int count, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(md, count, dims, type, tag);
}
#endif

static int make_convolution(onednn_plan *plan) {
  const onednn_convolution_kind kind = (onednn_convolution_kind)plan->key.kind;
  const onednn_convolution_shape s = plan->key.convolution;
  // In bfloat16 the inputs have two bytes per element; outputs have four, so that sums stay in float32.
  const dnnl_data_type_t read = s.bfloat16 ? dnnl_bf16 : dnnl_f32;
  const int input = kind == onednn_convolution_backward_input, parameters = kind == onednn_convolution_backward_weight;
  const int64_t out_height = output_extent(s.top + s.height + s.bottom, s.kernel_height, s.stride, s.dilation);
  const int64_t out_width = output_extent(s.left + s.width + s.right, s.kernel_width, s.stride, s.dilation);
  dnnl_dims_t source_dims = {s.images, s.input_channels, s.height, s.width};
  // Grouped weights have one dimension more.
  const int grouped = s.groups > 1, weight_rank = grouped ? 5 : 4;
  dnnl_dims_t weight_dims = {s.output_channels, s.input_channels, s.kernel_height, s.kernel_width};
  dnnl_dims_t grouped_dims = {
    s.groups, s.output_channels / s.groups, s.input_channels / s.groups, s.kernel_height, s.kernel_width};
  if (grouped) memcpy(weight_dims, grouped_dims, sizeof weight_dims);
  dnnl_dims_t destination_dims = {s.images, s.output_channels, out_height, out_width};
  dnnl_dims_t bias_dims = {s.output_channels};
  dnnl_dims_t strides = {s.stride, s.stride}, dilation = {s.dilation - 1, s.dilation - 1};
  dnnl_dims_t before = {s.top, s.left}, after = {s.bottom, s.right};
  // Backward primitives need the forward primitive as a hint, and its types.
  dnnl_memory_desc_t source, weight, destination, source_gradient, weight_gradient, gradient, bias, plain;
  int status = make_md(&source, 4, source_dims, read, dnnl_nhwc);
  if (!status) status = make_md(&weight, weight_rank, weight_dims, read, dnnl_format_tag_any);
  if (!status) status = make_md(&destination, 4, destination_dims, dnnl_f32, dnnl_nhwc);
  if (!status) status = make_md(&source_gradient, 4, source_dims, dnnl_f32, dnnl_nhwc);
  if (!status) status = make_md(&weight_gradient, weight_rank, weight_dims, dnnl_f32, dnnl_format_tag_any);
  if (!status) status = make_md(&gradient, 4, destination_dims, read, dnnl_nhwc);
  if (!status) status = make_md(&bias, 1, bias_dims, dnnl_f32, dnnl_x);
  if (!status) status = make_md(&plain, weight_rank, weight_dims, dnnl_f32, grouped ? dnnl_hwigo : dnnl_hwio);
  if (status) return status;
  dnnl_primitive_attr_t attributes;
  status = dnnl_primitive_attr_create(&attributes);
  if (status) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  const int has_bias = kind == onednn_convolution_forward && s.has_bias;
  dnnl_primitive_desc_t forward = NULL, description = NULL;
#if DNNL_VERSION_MAJOR >= 3
  if (!status)
    status = dnnl_convolution_forward_primitive_desc_create(
      &forward, engine, dnnl_forward_training, dnnl_convolution_direct, source, weight, has_bias ? bias : NULL,
      destination, strides, dilation, before, after, attributes);
  if (!status && input)
    status = dnnl_convolution_backward_data_primitive_desc_create(
      &description, engine, dnnl_convolution_direct, source_gradient, weight, gradient, strides, dilation, before,
      after, forward, attributes);
  if (!status && parameters)
    status = dnnl_convolution_backward_weights_primitive_desc_create(
      &description, engine, dnnl_convolution_direct, source, weight_gradient, NULL, gradient, strides, dilation,
      before, after, forward, attributes);
#else
  dnnl_convolution_desc_t convolution;
  if (!status)
    status = dnnl_dilated_convolution_forward_desc_init(
      &convolution, dnnl_forward_training, dnnl_convolution_direct, &source, &weight, has_bias ? &bias : NULL,
      &destination, strides, dilation, before, after);
  if (!status) status = dnnl_primitive_desc_create(&forward, &convolution, attributes, engine, NULL);
  if (!status && input) {
    status = dnnl_dilated_convolution_backward_data_desc_init(
      &convolution, dnnl_convolution_direct, &source_gradient, &weight, &gradient, strides, dilation, before,
      after);
    if (!status) status = dnnl_primitive_desc_create(&description, &convolution, attributes, engine, forward);
  }
  if (!status && parameters) {
    status = dnnl_dilated_convolution_backward_weights_desc_init(
      &convolution, dnnl_convolution_direct, &source, &weight_gradient, NULL, &gradient, strides, dilation, before,
      after);
    if (!status) status = dnnl_primitive_desc_create(&description, &convolution, attributes, engine, forward);
  }
#endif
  dnnl_primitive_attr_destroy(attributes);
  if (!status) {
    if (kind == onednn_convolution_forward) {
      description = forward;
      forward = NULL;
    }
    plan->description = description;
    plan->forward = forward;
    plan->source = query(description, input ? dnnl_query_diff_src_md : dnnl_query_src_md);
    plan->weight = query(description, parameters ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
    plan->destination = query(description, input || parameters ? dnnl_query_diff_dst_md : dnnl_query_dst_md);
    plan->bias = has_bias ? dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 1) : NULL;
    plan->scratch = query(description, dnnl_query_scratchpad_md);
    plan->scratch_bytes = dnnl_memory_desc_get_size(plan->scratch);
    status = dnnl_primitive_create(&plan->primitive, description);
  }
  if (!status) status = make_reorder(&plan->pack, REF(plain), plan->weight);
  if (!status) status = make_reorder(&plan->unpack, plan->weight, REF(plain));
#if DNNL_VERSION_MAJOR >= 3
  plan->plain = plain;
  dnnl_memory_desc_destroy(source);
  dnnl_memory_desc_destroy(weight);
  dnnl_memory_desc_destroy(destination);
  dnnl_memory_desc_destroy(source_gradient);
  dnnl_memory_desc_destroy(weight_gradient);
  dnnl_memory_desc_destroy(gradient);
  dnnl_memory_desc_destroy(bias);
#else
  plan->plain_storage = plain;
#endif
  return status;
}

static md_ref plain_of(const onednn_plan *plan) {
#if DNNL_VERSION_MAJOR >= 3
  return plan->plain;
#else
  return &plan->plain_storage;
#endif
}

// The cached plan, or a new one.
const onednn_plan *onednn_convolution_plan(onednn_convolution_kind kind, onednn_convolution_shape shape, int *status) {
  const plan_key key = {.kind = (int32_t)kind, .convolution = shape};
  uint64_t hash = 0xCBF29CE484222325u;
  const int32_t *fields = (const int32_t *)&key;
  for (size_t i = 0; i < sizeof key / sizeof(int32_t); i++) hash = (hash ^ (uint32_t)fields[i]) * 0x100000001B3u;
  onednn_plan **bucket = &plans[(hash ^ (hash >> 32)) % buckets];
  *status = 0;
  pthread_mutex_lock(&lock);
  if (!engine) *status = dnnl_engine_create(&engine, dnnl_cpu, 0);
  onednn_plan *plan = *bucket;
  while (plan && memcmp(&plan->key, &key, sizeof key) != 0) plan = plan->next;
  if (!plan && !*status) {
    onednn_use_caller_thread_only();
    plan = calloc(1, sizeof *plan);
    plan->key = key;
    *status = make_convolution(plan);
    if (*status) {
      free(plan);
      plan = NULL;
    } else {
      plan->next = *bucket;
      *bucket = plan;
    }
  }
  pthread_mutex_unlock(&lock);
  return plan;
}

size_t onednn_packed_count(const onednn_plan *plan) {
  return (dnnl_memory_desc_get_size(plan->weight) + sizeof(float) - 1) / sizeof(float);
}

int onednn_same_packing(const onednn_plan *left, const onednn_plan *right) {
  return left == right || dnnl_memory_desc_equal(left->weight, right->weight);
}

static int execute(dnnl_primitive_t primitive, int count, const int *names, const md_ref *mds, void **data) {
  int status = ensure_stream();
  if (status) return status;
  call *kept = &calls[((uintptr_t)primitive >> 6) % cached_calls];
  if (kept->primitive == primitive) {
    for (int i = 0; !status && i < count; i++)
      status = dnnl_memory_set_data_handle(kept->arguments[i].memory, data[i]);
  } else {
    clear(kept);
    for (int i = 0; !status && i < count; i++) {
      kept->arguments[i].arg = names[i];
      status = dnnl_memory_create(&kept->arguments[i].memory, mds[i], engine, data[i]);
      if (!status) kept->count = i + 1;
    }
    if (!status) kept->primitive = primitive;
  }
  if (!status) status = dnnl_primitive_execute(primitive, stream, count, kept->arguments);
  if (!status) status = dnnl_stream_wait(stream);
  return status;
}

int onednn_pack(const onednn_plan *plan, const float *weight, float *packed) {
  const int names[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
  const md_ref mds[] = {plain_of(plan), plan->weight};
  void *data[] = {(void *)weight, packed};
  return execute(plan->pack, 2, names, mds, data);
}

int onednn_unpack(const onednn_plan *plan, const float *packed, float *weight) {
  const int names[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
  const md_ref mds[] = {plan->weight, plain_of(plan)};
  void *data[] = {(void *)packed, weight};
  return execute(plan->unpack, 2, names, mds, data);
}

int onednn_convolve(const onednn_plan *plan, void *source, float *packed, const float *bias, void *destination) {
  const int input = plan->key.kind == onednn_convolution_backward_input;
  const int parameters = plan->key.kind == onednn_convolution_backward_weight;
  const int names[] = {
    input ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, parameters ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS,
    input || parameters ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD, DNNL_ARG_BIAS};
  const md_ref mds[] = {plan->source, plan->weight, plan->destination, plan->scratch, plan->bias};
  void *memory = plan->scratch_bytes ? ensure_scratch(plan->scratch_bytes) : NULL;
  if (plan->scratch_bytes && !memory) return dnnl_out_of_memory;
  void *data[] = {source, packed, destination, memory, (void *)bias};
  return execute(plan->primitive, plan->bias ? 5 : 4, names, mds, data);
}

int onednn_multiply(
  int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t a_stride, const float *b,
  int64_t b_stride, int accumulate, float *c, int64_t c_stride) {
  return dnnl_sgemm(
    transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, a_stride, b, b_stride,
    accumulate ? 1.0f : 0.0f, c, c_stride);
}

void onednn_use_caller_thread_only(void) {
  // Debian's oneDNN runs on OpenMP, whose thread count is a setting of the calling thread.
  static void (*set_threads)(int);
  static int looked;
  if (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE)) {
    set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    __atomic_store_n(&looked, 1, __ATOMIC_RELEASE);
  }
  if (set_threads) set_threads(1);
}

const char *onednn_version_text(void) {
  // Of each thread: while one writes, even the same text, another may read none.
  static __thread char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}

static int has(int least) { return ((int)dnnl_get_effective_cpu_isa() & least) == least; }

int onednn_has_bfloat16(void) { return has(dnnl_cpu_isa_avx512_core_bf16); }

int onednn_has_amx(void) { return has(dnnl_cpu_isa_avx512_core_amx); }

const char *onednn_instruction_set(void) {
  static __thread char other[16];
  const int set = (int)dnnl_get_effective_cpu_isa();
  switch (set) {
    case dnnl_cpu_isa_sse41: return "sse41";
    case dnnl_cpu_isa_avx: return "avx";
    case dnnl_cpu_isa_avx2: return "avx2";
    case dnnl_cpu_isa_avx512_core: return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
    default: snprintf(other, sizeof other, "0x%x", (unsigned)set); return other;
  }
}
