using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>Gives late-binding languages the property <c>Path</c> of an object as text. The language itself may show another type
/// under that name, against confusion with paths of this machine.</summary>
internal sealed class PathMember(Expression expression, object value) : DynamicMetaObject(expression, BindingRestrictions.Empty, value)
{
    private const string Name = nameof(AgbContextFile.Path);

    /// <summary>Looks up a member added to an object by a front end; null without such members.</summary>
    internal static Func<object, string, object?>? Added { get; set; }

    /// <inheritdoc/>
    public override DynamicMetaObject BindGetMember(GetMemberBinder binder)
    {
        // The front end's language finds added members by itself. Its C# code goes through the compiler's binder and does not.
        if (Added is { } added && LimitType.GetProperty(binder.Name) is null && binder.GetType().Namespace == "Microsoft.CSharp.RuntimeBinder")
        {
            return new DynamicMetaObject(
                Expression.Invoke(Expression.Constant(added), Expression.Convert(Expression, typeof(object)), Expression.Constant(binder.Name)),
                BindingRestrictions.GetTypeRestriction(Expression, LimitType));
        }
        var shown = base.BindGetMember(binder);
        return !string.Equals(binder.Name, Name, StringComparison.OrdinalIgnoreCase) ? shown : new DynamicMetaObject(
            Expression.Coalesce(
                Expression.TypeAs(shown.Expression, typeof(string)),
                Expression.Property(Expression.Convert(Expression, LimitType), Name)),
            shown.Restrictions.Merge(BindingRestrictions.GetTypeRestriction(Expression, LimitType)));
    }

    /// <inheritdoc/>
    public override DynamicMetaObject BindConvert(ConvertBinder binder) =>
        // PowerShell wraps an object, and later casts it to its wrapper.
        binder.Type.GetMethod("AsPSObject", [typeof(object)]) is { } wrap
            ? new DynamicMetaObject(
                Expression.Call(wrap, Expression.Convert(Expression, typeof(object))), BindingRestrictions.GetTypeRestriction(Expression, LimitType))
            : base.BindConvert(binder);
}
