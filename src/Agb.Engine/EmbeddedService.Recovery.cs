namespace Agb.Engine;

public sealed partial class EmbeddedService
{
    /// <summary>Recovers now, in place of before the first operation.</summary>
    internal Task RecoverAsync() => _recovery.Value;
}
