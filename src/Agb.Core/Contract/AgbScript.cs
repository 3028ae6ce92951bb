namespace Agb;

/// <summary>A script of the caller's machine, run in a session as a file. It starts with an interpreter line (<c>#!</c>), or is
/// for the session's shell.</summary>
public sealed record AgbScript
{
    /// <summary>The maximum size of a script in bytes (512 KiB): it travels as arguments of a command.</summary>
    public const int MaxBytes = 512 * 1024;

    // Its base64 stays below the limit of one argument.
    private const int PieceBytes = 96_000;

    // $1 is the file's name, $2 the number of pieces; then come the pieces, then the script's own arguments. A file without a #!
    // line is read by the starting shell.
    private const string Runner =
        """
        umask 077; folder=$(mktemp -d) && file=$folder/$1 && left=$2 && shift 2 || exit 126; while [ "$left" -gt 0 ]; do printf %s "$1" | base64 -d || exit 126; shift; left=$((left-1)); done >"$file" && chmod 700 "$file" || exit 126; umask 022; "$file" "$@"; code=$?; rm -rf "$folder"; exit $code
        """;

    /// <summary>The file name in the session.</summary>
    public required string Name { get; init; }

    /// <summary>The content of the file.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether Windows line ends (CR LF) or a byte order mark were removed from the content.</summary>
    public bool IsMended { get; private init; }

    /// <summary>Makes a script from a file's content. Windows line ends become those of Linux, except in binary
    /// content.</summary>
    /// <param name="name">The file name.</param>
    /// <param name="content">The original content, at most <see cref="MaxBytes"/>.</param>
    /// <exception cref="AgbException">InvalidCommand: the content is empty, or UTF-16.</exception>
    public static AgbScript Read(string name, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length == 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidCommand, $"The script '{name}' is empty.", target: name);
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxBytes);
        if (content is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand, $"The script '{name}' is UTF-16 text; interpreters in a session can't read it.", "Save it as UTF-8.", name);
        }
        var mended = content.AsSpan().Contains((byte)0) ? content : Mend(content);
        return new AgbScript { Name = name, Content = mended, IsMended = mended.Length != content.Length };
    }

    /// <summary>Returns the command for running the script, with arguments.</summary>
    /// <param name="request">The other values of the command.</param>
    public AgbCommandRequest ToRequest(AgbCommandRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pieces = new List<string>();
        for (var at = 0; at < Content.Length; at += PieceBytes)
        {
            pieces.Add(Convert.ToBase64String(Content.Span[at..Math.Min(Content.Length, at + PieceBytes)]));
        }
        var count = pieces.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return request with { Command = Runner.Trim(), Arguments = [Name, count, .. pieces, .. request.Arguments] };
    }

    private static byte[] Mend(byte[] content)
    {
        var from = content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var mended = new List<byte>(content.Length);
        for (var i = from; i < content.Length; i++)
        {
            if (content[i] != '\r' || i + 1 == content.Length || content[i + 1] != '\n')
            {
                mended.Add(content[i]);
            }
        }
        return [.. mended];
    }
}
