namespace Agb.Engine;

/// <summary>The head of an HTTP/1.1 request.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The target.</param>
/// <param name="Fields">The lines of its fields.</param>
/// <param name="Rest">The bytes read behind the head.</param>
internal sealed record RequestHead(string Method, string Target, IReadOnlyList<string> Fields, ReadOnlyMemory<byte> Rest)
{
    private const int MostBytes = 16 * 1024;

    private static readonly byte[] s_end = "\r\n\r\n"u8.ToArray();

    /// <summary>Reads a head.</summary>
    /// <returns>Null for another or too long one, or the end of the stream.</returns>
    internal static async Task<RequestHead?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostBytes];
        for (var count = 0; count < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }
            count += read;
            if (buffer.AsSpan(0, count).IndexOf(s_end) is >= 0 and var end)
            {
                return Parse(Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory(end + s_end.Length, count - end - s_end.Length));
            }
        }
        return null;
    }

    private static RequestHead? Parse(string head, ReadOnlyMemory<byte> rest)
    {
        var lines = head.Split("\r\n");
        return lines[0].Split(' ') is [var method, var target, "HTTP/1.1"] && !head.Replace("\r\n", "", StringComparison.Ordinal).Any(char.IsControl)
            ? new RequestHead(method, target, lines[1..], rest)
            : null;
    }

    /// <summary>The head for the browser: with its own host name, and without the page that a browser's client may be.</summary>
    /// <param name="target">The target.</param>
    /// <param name="host">The host name.</param>
    internal byte[] For(string target, string host)
    {
        var kept = Fields.Where(f => !Is(f, "Host") && !Is(f, "Origin"));
        return Encoding.Latin1.GetBytes($"{Method} {target} HTTP/1.1\r\nHost: {host}\r\n{string.Concat(kept.Select(f => f + "\r\n"))}\r\n");

        static bool Is(string field, string name) => field.AsSpan().TrimStart().StartsWith(name, StringComparison.OrdinalIgnoreCase)
            && field.AsSpan().TrimStart()[name.Length..].TrimStart() is [':', ..];
    }
}
