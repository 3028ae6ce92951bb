using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Agb.Server;

/// <summary>One page of a list. Its token holds the id and the index of the last item, so the next page stays
/// right after changes before it.</summary>
/// <param name="Items">The items on the page.</param>
/// <param name="NextToken">The token of the next page; null at the end.</param>
/// <param name="Size">The most items of a page.</param>
/// <param name="Total">The number of items in all.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextToken, int Size, long Total)
{
    /// <summary>The paging of an envelope.</summary>
    internal Envelope Describe(Envelope envelope) => envelope with { NextToken = NextToken ?? "", MaxResults = Size };
}

/// <summary>Cuts lists into pages.</summary>
internal static class Pages
{
    /// <summary>The default size of a page.</summary>
    internal const int StandardSize = 10;

    private const int LargestSize = 1000;

    private const string NamePrefix = "after:";

    /// <summary>The requested page of a list.</summary>
    /// <exception cref="AgbException">InvalidRequest for an invalid size or token.</exception>
    internal static Page<T> Take<T>(Call call, IReadOnlyList<T> all, Func<T, string> idOf)
    {
        var size = call.QueryNumber("maxResults", StandardSize, LargestSize);
        var start = call.Query("nextToken") is { } token ? StartOf(token, all, idOf) : 0;
        T[] items = [.. all.Skip(start).Take(size)];
        var end = start + items.Length;
        return new Page<T>(items, end < all.Count ? TokenOf(end, idOf(items[^1])) : null, size, all.Count);
    }

    /// <summary>The requested page of contexts; no more contexts are read. Its token names the last context.</summary>
    /// <exception cref="AgbException">InvalidRequest for an invalid size or token.</exception>
    internal static async Task<Page<AgbContext>> TakeAsync(Call call, Func<string?, int, Task<AgbContextPage>> list)
    {
        var size = call.QueryNumber("maxResults", StandardSize, LargestSize);
        var after = call.Query("nextToken") is { } token ? NameOf(token) : null;
        var page = await list(after, size).ConfigureAwait(false);
        return new Page<AgbContext>(page.Items, page.HasMore ? Encode(NamePrefix + page.Items[^1].Name) : null, size, page.Total);
    }

    private static string TokenOf(int place, string id) => Encode(string.Create(CultureInfo.InvariantCulture, $"{place}:{id}"));

    private static string NameOf(string token) =>
        Decode(token) is var text && text.StartsWith(NamePrefix, StringComparison.Ordinal) ? text[NamePrefix.Length..] : throw Invalid(token);

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Decode(string token)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(token.Length)];
        return Base64Url.DecodeFromChars(token, bytes, out _, out var length) == OperationStatus.Done
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw Invalid(token);
    }

    private static int StartOf<T>(string token, IReadOnlyList<T> all, Func<T, string> idOf)
    {
        var parts = Decode(token).Split(':', 2);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            throw Invalid(token);
        }
        for (var i = 0; i < all.Count; i++)
        {
            if (idOf(all[i]) == parts[1])
            {
                return i + 1;
            }
        }
        // The item is gone: the items behind it have moved up by one.
        return Math.Max(0, place - 1);
    }

    private static AgbException Invalid(string token) => AgbErrors.Invalid(
        AgbErrorIds.InvalidRequest, "The nextToken is not from this server.", "Start again without nextToken.", token);
}
