"""Names that a module cannot have: torch would refuse them, or they would hide what it needs.

The attributes of nn.Module, nn.Sequential and nn.ModuleList of torch 2.13 (a test compares), that
which torch.compile gives nn.Module, and the methods that emitted networks define. Kept as text so
that a check needs no torch.
"""

from __future__ import annotations

MODULE_ATTRIBUTES = frozenset(
    """
T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _checkpoint
_compiled_call_impl
_forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks
_forward_pre_hooks_with_kwargs _freeze _frozen _get_abs_string_index _get_backward_hooks
_get_backward_pre_hooks
_get_item_by_idx _get_name _initialize_weights _is_full_backward_hook _load_from_state_dict
_load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook
_modules _named_members _non_persistent_buffers_set _parameters
_register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel
_save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version
_wrapped_call_impl add_module append apply bfloat16 buffers call_super_init children compile cpu
cuda double dump_patches eval extend extra_repr float forward get_buffer get_extra_state
get_parameter get_submodule half insert ipu load_state_dict modules mtia named_buffers
named_children named_modules named_parameters parameters pop register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ reset_parameters
set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
zero_grad ___needs_generation_tag_patch
""".split()
)

# Those of nn.ModuleDict besides, which no module in such a container can be called.
CONTAINER_ATTRIBUTES = frozenset(("clear", "items", "keys", "update", "values"))
