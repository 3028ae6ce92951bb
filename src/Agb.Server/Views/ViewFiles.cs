using System.Text.RegularExpressions;

namespace Agb.Server;

/// <summary>The files of the live view: its own page, and noVNC's scripts from the host.</summary>
internal static partial class ViewFiles
{
    /// <summary>The page.</summary>
    internal const string Page = "view.html";

    private const string Script = "text/javascript; charset=utf-8";

    /// <summary>Sends a file of this server.</summary>
    /// <exception cref="AgbException">HostNotReady: the page needs noVNC.</exception>
    internal static async Task SendOwnAsync(Call call, string name)
    {
        var type = name switch
        {
            Page => "text/html; charset=utf-8",
            "view.css" => "text/css; charset=utf-8",
            "view.js" => Script,
            _ => null,
        };
        if (type is null)
        {
            call.Http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!File.Exists(Path.Combine(call.Options.NoVncDirectory, "core", "rfb.js")))
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"The server's host lacks noVNC for live views of desktops: nothing is in '{call.Options.NoVncDirectory}'.",
                "Install the package novnc on the server's host.");
        }
        using var file = typeof(ViewFiles).Assembly.GetManifestResourceStream(name)!;
        await SendAsync(call, file, type).ConfigureAwait(false);
    }

    /// <summary>Sends a script of noVNC. Names have plain segments, so none leads out of the directory; symlinks in it are the package's
    /// own, to scripts of other packages.</summary>
    internal static async Task SendNoVncAsync(Call call, string name)
    {
        var path = Path.Combine(call.Options.NoVncDirectory, name);
        if (!ScriptName().IsMatch(name) || !File.Exists(path))
        {
            call.Http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        using var file = File.OpenRead(path);
        await SendAsync(call, file, Script).ConfigureAwait(false);
    }

    private static async Task SendAsync(Call call, Stream file, string type)
    {
        var headers = call.Http.Response.Headers;
        var host = new Uri(call.BaseUrl).Authority;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            + $"connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        // The address is a key.
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        call.Http.Response.ContentType = type;
        call.Http.Response.ContentLength = file.Length;
        await file.CopyToAsync(call.Http.Response.Body, call.Aborted).ConfigureAwait(false);
    }

    [GeneratedRegex(@"^(core|vendor)(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+\.js\z")]
    private static partial Regex ScriptName();
}
