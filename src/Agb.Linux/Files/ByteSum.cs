namespace Agb.Linux;

/// <summary>Sums of file sizes. A session can make files of up to 2^63 - 1 bytes that take no room, so the sum of two may be more
/// than a number holds; then it is the largest one.</summary>
internal static class ByteSum
{
    internal static long Add(long sum, long more)
    {
        var result = unchecked(sum + more);
        return more > 0 && result < sum ? long.MaxValue : result;
    }

    internal static long Of(IEnumerable<long> sizes) => sizes.Aggregate(0L, Add);
}
