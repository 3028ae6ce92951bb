using System.Text.RegularExpressions;

namespace Agb.Cloud;

/// <summary>Hides secrets in texts for people: the API key, tokens, and addresses with a permission in their path or
/// query.</summary>
internal sealed partial class Secrets(string apiKey)
{
    internal const string Mask = "***";

    /// <summary>A text without secrets.</summary>
    internal string Hide(string text) => Address().Replace(SecretMember().Replace(HideKey(text), "$1" + Mask), "$1/" + Mask);

    /// <summary>A message without secrets. Its addresses stay, without their queries.</summary>
    internal string HideInMessage(string text) => AddressQuery().Replace(HideKey(text), "$1?" + Mask);

    /// <summary>An address for display: a call's with its query, any other with its host alone.</summary>
    internal string Hide(Uri address, bool isCall) => isCall ? HideKey(address.AbsoluteUri) : $"{address.GetLeftPart(UriPartial.Authority)}/{Mask}";

    /// <summary>A text without the key, in its plain and its URL-escaped form.</summary>
    internal string HideKey(string text) =>
        text.Replace(apiKey, Mask, StringComparison.Ordinal).Replace(Uri.EscapeDataString(apiKey), Mask, StringComparison.Ordinal);

    // A member of a JSON object, possibly inside a string of another one, with escaped quotes.
    [GeneratedRegex("""(\\*"(?:token|apiKey|authCode|ticket|password)\\*"\s*:\s*\\*")[^"\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex SecretMember();

    [GeneratedRegex("""((?:https?|wss?)://[^/\s"'\\?]+)[/?][^\s"'\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex("""((?:https?|wss?)://[^\s"'\\?]+)\?[^\s"'\\]*""", RegexOptions.IgnoreCase)]
    private static partial Regex AddressQuery();
}
