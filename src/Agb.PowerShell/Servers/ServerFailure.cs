using System.Reflection;
using System.Text.RegularExpressions;

namespace Agb.PowerShell;

/// <summary>Reads a failure from the output of Agb.Server: a line <c>ErrorId: message</c>, and an indented line with the remedy.
/// Both are translated into cmdlet terms, because cmdlets have no options with two hyphens.</summary>
internal static partial class ServerFailure
{
    private static readonly HashSet<string> s_ids =
        [.. typeof(AgbErrorIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name)];

    // The longest first, because one option may be a prefix of another.
    private static readonly (string Theirs, string Ours)[] s_words =
    [
        .. new[]
        {
            ("keys list", "Get-AgbServerKey"), ("keys add", "New-AgbServerKey"), ("keys remove", "Remove-AgbServerKey"),
            ("--urls", "-Url"), ("--data", "-DataDirectory"), ("--owner", "-Owner"), ("--insecure", "-Insecure"), ("--certificate", "-Certificate"),
            ("--certificate-key", "-CertificateKey"), ("--memory-limit-mib", "-MemoryLimit"), ("--process-limit", "-ProcessLimit"),
            ("--cpu-limit", "-CpuLimit"), ("--disk-limit-mib", "-DiskLimit"), ("--open-file-limit", "-OpenFileLimit"),
            ("--max-sessions", "-MaxSessions"), ("--max-sessions-per-owner", "-MaxSessionsPerOwner"), ("--max-calls", "-MaxCalls"),
            ("--max-calls-per-owner", "-MaxCallsPerOwner"), ("--api-key", "the variable AGB_SERVER_API_KEY"),
        }.OrderByDescending(w => w.Item1.Length),
    ];

    /// <summary>The last failure in a text, or null.</summary>
    internal static AgbException? Read(string text)
    {
        var lines = text.Split('\n');
        for (var i = lines.Length - 1; i >= 0; i--)
        {
            if (FailureLine().Match(lines[i]) is { Success: true } match && s_ids.Contains(match.Groups[1].Value))
            {
                var remedy = i + 1 < lines.Length && lines[i + 1].StartsWith("  ", StringComparison.Ordinal) ? lines[i + 1].Trim() : null;
                return new AgbException(
                    match.Groups[1].Value, KindOf(match.Groups[1].Value), InOurWords(match.Groups[2].Value.TrimEnd()), remedy is null ? null : InOurWords(remedy));
            }
        }
        return null;
    }

    /// <summary>The last nonempty line of a text.</summary>
    internal static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it wrote nothing";

    /// <summary>A text of the program with cmdlet parameters in place of its options.</summary>
    internal static string InOurWords(string text)
    {
        foreach (var (theirs, ours) in s_words)
        {
            text = text.Replace(theirs, ours, StringComparison.Ordinal);
        }
        return text;
    }

    private static AgbErrorKind KindOf(string id) => id switch
    {
        AgbErrorIds.InvalidRequest or AgbErrorIds.InvalidSetting or AgbErrorIds.InvalidSessionOption or AgbErrorIds.ReservedPath => AgbErrorKind.InvalidInput,
        AgbErrorIds.AccessDenied or AgbErrorIds.AuthenticationFailed => AgbErrorKind.PermissionDenied,
        AgbErrorIds.AddressNotAvailable => AgbErrorKind.InvalidState,
        AgbErrorIds.HostNotReady => AgbErrorKind.HostNotReady,
        AgbErrorIds.NoSpace or AgbErrorIds.HostExhausted => AgbErrorKind.ResourceExhausted,
        AgbErrorIds.StoreCorrupt => AgbErrorKind.DataCorrupt,
        _ => AgbErrorKind.Failed,
    };

    [GeneratedRegex(@"^([A-Z][A-Za-z]+): (.+)")]
    private static partial Regex FailureLine();
}
