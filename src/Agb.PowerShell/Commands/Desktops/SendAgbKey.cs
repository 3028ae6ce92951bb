namespace Agb.PowerShell.Commands;

/// <summary><c>Send-AgbKey</c>: types text, or presses keys, on a desktop.</summary>
[Cmdlet(VerbsCommunications.Send, "AgbKey", SupportsShouldProcess = true, DefaultParameterSetName = TextSet)]
[OutputType(typeof(void))]
public sealed class SendAgbKeyCommand : AgbStepCmdlet
{
    private const string TextSet = "Text";
    private const string KeySet = "Key";

    /// <summary>The text.</summary>
    [Parameter(ParameterSetName = TextSet, Mandatory = true, Position = 0, HelpMessage = "The text to type, in any script.")]
    [ValidateNotNullOrEmpty]
    public string? Text { get; set; }

    /// <summary>The keys.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true, HelpMessage = "Keys to press together, such as Ctrl, a.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KeyCompleter))]
    public string[] Key { get; set; } = [];

    /// <summary>How the keys are pressed.</summary>
    [Parameter(ParameterSetName = KeySet, HelpMessage = "How to press the keys: Tap, Hold them down, or Release held ones. Default: Tap.")]
    public AgbKeyPress Press { get; set; } = AgbKeyPress.Tap;

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var action = new AgbKeyAction { Text = Text, Keys = Key, Press = Press };
        return !ShouldProcess($"session '{session}'", Text is null ? $"{Press} {string.Join('+', Key)}" : "Type text") ? null
            : (service, token) => CallAsync(
                service, $"send keys to session '{session}'", () => Desktops(service).SendKeysAsync(session.Id, action, token));
    }
}
