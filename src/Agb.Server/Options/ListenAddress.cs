using System.Net;

namespace Agb.Server;

/// <summary>One address to listen on.</summary>
/// <param name="Address">The IP address.</param>
/// <param name="Port">The port; 0 for any free port.</param>
/// <param name="IsEncrypted">Whether it uses TLS.</param>
internal sealed record ListenAddress(IPAddress Address, int Port, bool IsEncrypted)
{
    /// <summary>Whether it is reachable only from this machine.</summary>
    internal bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Reads addresses such as <c>http://127.0.0.1:8765</c>, separated by semicolons.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal static IReadOnlyList<ListenAddress> ParseAll(string urls)
    {
        ListenAddress[] addresses = [.. urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];
        return addresses.Length > 0 ? addresses : throw Invalid(urls);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(IsEncrypted ? "https" : "http")}://{new IPEndPoint(Address, Port)}");

    private static ListenAddress Parse(string url)
    {
        // Kestrel's wildcards are not valid host names.
        var text = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw Invalid(url);
        }
        var address = uri.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? ip
            : throw Invalid(url);
        return new ListenAddress(address, uri.Port, uri.Scheme == "https");
    }

    private static AgbException Invalid(string url) => AgbErrors.Invalid(
        AgbErrorIds.InvalidRequest,
        $"'{url}' is not an address to listen on; expected http:// or https://, an IP address or localhost, and a port.",
        "Use, for example, --urls http://127.0.0.1:8765.", url);
}
