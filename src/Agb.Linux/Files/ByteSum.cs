namespace Agb.Linux;

/// <summary>Saturating sums of file sizes. A session can make sparse files of up to 2^63 - 1 bytes, so the sum of two may
/// overflow; the result is then the largest number.</summary>
internal static class ByteSum
{
    internal static long Add(long sum, long more)
    {
        var result = unchecked(sum + more);
        return more > 0 && result < sum ? long.MaxValue : result;
    }

    internal static long Of(IEnumerable<long> sizes) => sizes.Aggregate(0L, Add);
}
