using System.Runtime.CompilerServices;

namespace Agb.Cloud;

/// <summary>Lists in pages, each with the token of the next.</summary>
internal static class Pages
{
    /// <summary>Reads all pages. The next page's token is at the top of the answer or in its data; a missing, empty or repeated
    /// one ends the list.</summary>
    internal static async IAsyncEnumerable<IReadOnlyList<T>> ReadAsync<T>(
        Func<string?, ApiCall> page, ApiClient api, JsonTypeInfo<IReadOnlyList<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? token = null;
        do
        {
            var reply = await api.CallAsync(page(token), cancellationToken).ConfigureAwait(false);
            yield return Items(reply, type);
            token = reply.Envelope.NextToken;
        }
        while (token is { Length: > 0 } && seen.Add(token));
    }

    /// <summary>The items of one answer: its data, or the only array in its data.</summary>
    internal static IReadOnlyList<T> Items<T>(ApiReply reply, JsonTypeInfo<IReadOnlyList<T>> type)
    {
        if (reply.Envelope.Data is { ValueKind: System.Text.Json.JsonValueKind.Object } data)
        {
            var arrays = data.EnumerateObject().Where(m => m.Value.ValueKind == System.Text.Json.JsonValueKind.Array).ToArray();
            return arrays.Length == 1 ? Present(Answers.Read(arrays[0].Value, type, reply.RequestId)) : [];
        }
        return Present(reply.Data(type) ?? []);
    }

    private static IReadOnlyList<T> Present<T>(IReadOnlyList<T> items) => [.. items.Where(i => i is not null)];
}
