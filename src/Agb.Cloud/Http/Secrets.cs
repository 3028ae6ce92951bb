using System.Text.RegularExpressions;

namespace Agb.Cloud.Http;

/// <summary>Hides what nobody shall see in texts that people read: the API key, tokens, and the addresses that a service hands out,
/// whose path or query may let in whoever has them.</summary>
internal sealed partial class Secrets(string apiKey)
{
    internal const string Mask = "***";

    /// <summary>A text without secrets.</summary>
    internal string Hide(string text) => Address().Replace(SecretMember().Replace(HideKey(text), "$1" + Mask), "$1/" + Mask);

    /// <summary>A message without secrets. The addresses in it stay, without their queries.</summary>
    internal string HideInMessage(string text) => AddressQuery().Replace(HideKey(text), "$1?" + Mask);

    /// <summary>An address that may be shown: that of a call with its query, that of another host with nothing but the host.</summary>
    internal string Hide(Uri address, bool isCall) => isCall ? HideKey(address.AbsoluteUri) : $"{address.GetLeftPart(UriPartial.Authority)}/{Mask}";

    /// <summary>A text without the key. One with a character that a URL escapes may stand in its escaped form too.</summary>
    internal string HideKey(string text) =>
        text.Replace(apiKey, Mask, StringComparison.Ordinal).Replace(Uri.EscapeDataString(apiKey), Mask, StringComparison.Ordinal);

    // A member of a JSON object, which may itself stand in a string of another one, so that its quotes are escaped.
    [GeneratedRegex("""(\\*"(?:token|apiKey|authCode|ticket|password)\\*"\s*:\s*\\*")[^"\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex SecretMember();

    [GeneratedRegex("""((?:https?|wss?)://[^/\s"'\\?]+)[/?][^\s"'\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex("""((?:https?|wss?)://[^\s"'\\?]+)\?[^\s"'\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex AddressQuery();
}
