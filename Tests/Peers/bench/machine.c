// Measures what the machine can do with so many threads, for the floors of `make bench`; prints one line of JSON.
//
//   clang -O2 -march=native -mprefer-vector-width=512 -ffp-contract=fast -pthread machine.c -o machine && ./machine 2
//
// float32: independent multiply-adds in registers, FLOP/s. bfloat16: the same with the widest instruction that there is
// (AMX tiles, else AVX-512 dot products), null without one. read: bytes a second of a sum over memory that no cache
// holds; update: of a += s·b over it, two reads and a write. The best of several tries is what counts.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { tries = 5 };
static const size_t bytes_of_array = (size_t)768 << 20;

static int threads;
static pthread_barrier_t barrier;
static float *first, *second;
static volatile double sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#if defined(__AVX512F__)
enum { width = 64 };
#elif defined(__AVX__)
enum { width = 32 };
#else
enum { width = 16 };
#endif
typedef float vector __attribute__((vector_size(width)));
// The same in memory of any alignment.
typedef float loose __attribute__((vector_size(width), aligned(4)));

// Twelve accumulators: more than latency × throughput of any fused unit, and they fit into sixteen registers.
static double float32(int thread) {
  (void)thread;
  const long rounds = 20000000;
  vector a[12], x, y;
  for (size_t i = 0; i < width / 4; i++) x[i] = 0.999f, y[i] = 1e-3f;
  for (int i = 0; i < 12; i++) a[i] = x * (float)i;
  for (long round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) a[i] = a[i] * x + y;
    __asm__ volatile("" : "+m"(*(char *)&sink));
  }
  for (int i = 0; i < 12; i++) sink += a[i][0];
  return (double)rounds * 12 * 2 * (width / 4);
}

#if defined(__AMX_BF16__)
#define HAS_BFLOAT16 "AMX"
static double bfloat16(int thread) {
  (void)thread;
  const long rounds = 2000000;
  struct { unsigned char palette, row, reserved[14]; unsigned short columns[16]; unsigned char rows[16]; }
    configuration = {.palette = 1};
  for (int i = 0; i < 8; i++) configuration.columns[i] = 64, configuration.rows[i] = 16;
  _tile_loadconfig(&configuration);
  _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3);
  _tile_zero(4); _tile_zero(5); _tile_zero(6); _tile_zero(7);
  for (long round = 0; round < rounds; round++) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return (double)rounds * 4 * 2 * 16 * 16 * 32;
}
#elif defined(__AVX512BF16__)
#define HAS_BFLOAT16 "AVX-512"
static double bfloat16(int thread) {
  (void)thread;
  const long rounds = 20000000;
  __m512 a[12];
  __m512bh x = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1e-3f), _mm512_set1_ps(1e-3f));
  for (int i = 0; i < 12; i++) a[i] = _mm512_set1_ps((float)i);
  for (long round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) a[i] = _mm512_dpbf16_ps(a[i], x, x);
    __asm__ volatile("" : "+m"(*(char *)&sink));
  }
  for (int i = 0; i < 12; i++) sink += a[i][0];
  return (double)rounds * 12 * 2 * 32;
}
#endif

// A thread's share of an array.
static size_t share(int thread, size_t *start) {
  size_t count = bytes_of_array / sizeof(float) / (size_t)threads / 64 * 64;
  *start = count * (size_t)thread;
  return count;
}

static double reading(int thread) {
  size_t start, count = share(thread, &start);
  vector sums[4] = {{0}, {0}, {0}, {0}};
  const size_t lanes = width / 4;
  for (size_t i = start; i < start + count; i += 2 * lanes)
    for (size_t j = 0; j < 2; j++) {
      sums[j] += *(loose *)(first + i + j * lanes);
      sums[2 + j] += *(loose *)(second + i + j * lanes);
    }
  sink += sums[0][0] + sums[1][0] + sums[2][0] + sums[3][0];
  return (double)count * 2 * sizeof(float);
}

static double updating(int thread) {
  size_t start, count = share(thread, &start);
  const size_t lanes = width / 4;
  for (size_t i = start; i < start + count; i += lanes)
    *(loose *)(first + i) = *(loose *)(first + i) + 1e-3f * *(loose *)(second + i);
  return (double)count * 3 * sizeof(float);
}

struct job { double (*work)(int); int thread; double done, seconds; };

static void *run(void *argument) {
  struct job *job = argument;
  pthread_barrier_wait(&barrier);
  double start = now();
  job->done = job->work(job->thread);
  pthread_barrier_wait(&barrier);
  job->seconds = now() - start;
  return NULL;
}

static double best(double (*work)(int)) {
  double result = 0;
  for (int attempt = 0; attempt < tries; attempt++) {
    pthread_t ids[threads];
    struct job jobs[threads];
    double done = 0;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
      jobs[i] = (struct job){.work = work, .thread = i};
      if (pthread_create(&ids[i], NULL, run, &jobs[i]) != 0) { perror("pthread_create"); exit(1); }
    }
    for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL), done += jobs[i].done;
    pthread_barrier_destroy(&barrier);
    if (done / jobs[0].seconds > result) result = done / jobs[0].seconds;
  }
  return result;
}

static float *array(void) {
  float *memory = mmap(NULL, bytes_of_array, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) { perror("mmap"); exit(1); }
  madvise(memory, bytes_of_array, MADV_HUGEPAGE);
  memset(memory, 0, bytes_of_array);
  return memory;
}

int main(int count, char **arguments) {
  threads = count > 1 ? atoi(arguments[1]) : 1;
  if (threads < 1) { fprintf(stderr, "machine: expected a number of threads\n"); return 64; }
  first = array();
  second = array();
  printf("{\"threads\": %d, \"float32\": %.4g", threads, best(float32));
#if defined(HAS_BFLOAT16)
  int allowed = 1;
#if defined(__AMX_BF16__)
  // Tiles must be asked for (arch_prctl(2): ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA).
  allowed = syscall(SYS_arch_prctl, 0x1023, 18) == 0;
#endif
  if (allowed) printf(", \"bfloat16\": %.4g, \"bfloat16 by\": \"" HAS_BFLOAT16 "\"", best(bfloat16));
#endif
  printf(", \"read\": %.4g, \"update\": %.4g}\n", best(reading), best(updating));
  return 0;
}
