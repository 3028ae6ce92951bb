using System.Text;

namespace Agb;

/// <summary>A script of the caller's machine, as it is run in a session: a file with the script's content, which begins with the line that
/// names its interpreter (<c>#!</c>), or is one for the session's shell.</summary>
public sealed record AgbScript
{
    /// <summary>The most bytes that a script may have (512 KiB): it travels as arguments of a command.</summary>
    public const int MaxBytes = 512 * 1024;

    // Base64 of it stays below the limit of one argument.
    private const int PieceBytes = 96_000;

    // $1 is the file's name, $2 the number of pieces; then the pieces, then the script's own arguments. Without a #! line the shell that
    // starts it takes it as its own.
    private const string Runner =
        """
        umask 077; folder=$(mktemp -d) && file=$folder/$1 && left=$2 && shift 2 || exit 126; while [ "$left" -gt 0 ]; do printf %s "$1" | base64 -d || exit 126; shift; left=$((left-1)); done >"$file" && chmod 700 "$file" || exit 126; umask 022; "$file" "$@"; code=$?; rm -rf "$folder"; exit $code
        """;

    /// <summary>The name of its file in the session.</summary>
    public required string Name { get; init; }

    /// <summary>What the file holds.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether line ends of Windows (CR LF), or the mark that its editors put first, were taken off the content.</summary>
    public bool IsMended { get; private init; }

    /// <summary>Makes a script of a file's content. Line ends of Windows become those of Linux, unless the content is no text.</summary>
    /// <param name="name">The name of its file.</param>
    /// <param name="content">The content as it was read, at most <see cref="MaxBytes"/>.</param>
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
                AgbErrorIds.InvalidCommand, $"The script '{name}' is UTF-16 text, which no interpreter in a session reads.", "Save it as UTF-8.", name);
        }
        var mended = content.AsSpan().Contains((byte)0) ? content : Mend(content);
        return new AgbScript { Name = name, Content = mended, IsMended = mended.Length != content.Length };
    }

    /// <summary>The command that runs it, with arguments of its own.</summary>
    /// <param name="request">What else is asked of the command.</param>
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
