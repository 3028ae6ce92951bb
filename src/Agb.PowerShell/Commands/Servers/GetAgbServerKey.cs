namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbServerKey</c>: lists API keys, without the keys themselves.</summary>
[Cmdlet(VerbsCommon.Get, "AgbServerKey")]
[OutputType(typeof(AgbServerKey))]
public sealed class GetAgbServerKeyCommand : AgbServerKeyCmdlet
{
    /// <summary>The names, with wildcards.</summary>
    [Parameter(Position = 0, HelpMessage = "Names of keys; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerKeyCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = Data;
        RunItem(data, async token =>
        {
            var keys = await CallAsync("server", "list keys", () => ServerKeys.ListAsync(data, token)).ConfigureAwait(false);
            foreach (var pattern in Name ?? ["*"])
            {
                var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
                var found = keys.Where(k => k.Name == pattern || wildcard.IsMatch(k.Name)).ToArray();
                if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(pattern))
                {
                    EmitError(
                        AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"There is no key named '{pattern}'.", "List the keys with Get-AgbServerKey.", pattern),
                        pattern);
                }
                foreach (var key in found)
                {
                    Emit(key);
                }
            }
        });
    }
}
