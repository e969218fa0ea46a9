// Which of 64 bytes a CSV scanner has to look at. In C, because Swift reaches no instruction that gathers a vector's
// comparison into bits; on other machines than x86-64 and ARM64, eight bytes at a time in ordinary registers.
#ifndef BLOCK_MASK_H
#define BLOCK_MASK_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/// Bits for the bytes at `bytes` that equal `delimiter` or are below 0x0E: line ends, tabs, NUL. Bit 0 is the first byte.
/// Reads 64 bytes. Sets `*others` when one of them is not ASCII, and leaves it as it is otherwise.
static inline uint64_t block_mask(const uint8_t *bytes, uint8_t delimiter, _Bool *others) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8((char)delimiter), control = _mm_set1_epi8(0x0D);
    __m128i merged = _mm_setzero_si128();
    uint64_t mask = 0;
    for (int part = 0; part < 4; part++) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, wanted), _mm_cmpeq_epi8(_mm_min_epu8(block, control), block));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << (16 * part);
        merged = _mm_or_si128(merged, block);
    }
    if (_mm_movemask_epi8(merged) != 0) *others = 1;
    return mask;
#elif defined(__aarch64__)
    const uint8x16_t wanted = vdupq_n_u8(delimiter), limit = vdupq_n_u8(0x0E);
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t marks[4], merged = vdupq_n_u8(0);
    for (int part = 0; part < 4; part++) {
        const uint8x16_t block = vld1q_u8(bytes + 16 * part);
        marks[part] = vandq_u8(vorrq_u8(vceqq_u8(block, wanted), vcltq_u8(block, limit)), weights);
        merged = vorrq_u8(merged, block);
    }
    if (vmaxvq_u8(merged) >= 0x80) *others = 1;
    // Adding neighbours three times puts eight bytes' bits into one.
    const uint8x16_t sums = vpaddq_u8(vpaddq_u8(marks[0], marks[1]), vpaddq_u8(marks[2], marks[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
#else
    const uint64_t high = 0x8080808080808080u, low = 0x7F7F7F7F7F7F7F7Fu, ones = 0x0101010101010101u;
    uint64_t mask = 0, merged = 0;
    for (int part = 0; part < 8; part++) {
        uint64_t word = 0;
        for (int byte = 7; byte >= 0; byte--) word = word << 8 | bytes[8 * part + byte];
        const uint64_t difference = word ^ (ones * delimiter);
        const uint64_t misses = ((difference & low) + low) | difference;
        const uint64_t printable = ((word | high) - ones * 0x0E) | word;
        // Gathers the eight high bits into one byte.
        mask |= ((~(misses & printable) & high) * 0x0002040810204081u >> 56) << (8 * part);
        merged |= word;
    }
    if (merged & high) *others = 1;
    return mask;
#endif
}

#endif
